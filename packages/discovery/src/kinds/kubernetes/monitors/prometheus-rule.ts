import type { Json, MonitorKind } from "./monitor.ts";
import { SpecFields } from "../custom-objects/spec-fields.ts";

/** Field of a group that only Thanos reads. The operator removes it from the rules of Prometheus. */
const THANOS_FIELD = "partial_response_strategy";

/**
 * The kind PrometheusRule, which contains rule groups and has no scrape jobs;
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
 */
export const prometheusRule: MonitorKind = {
  kind: "PrometheusRule",
  plural: "prometheusrules",
  version: "v1",
  drafts: () => [],
  ruleFile({ spec }) {
    const groups = new SpecFields(spec ?? {}).objects("groups").map(groupOf);
    return JSON.stringify({ groups });
  },
};

function groupOf(group: SpecFields): Readonly<Record<string, Json>> {
  const fields = group.keys.filter((key) => key !== THANOS_FIELD && key !== "rules");
  return { ...valuesOf(group, fields), rules: group.objects("rules").map(ruleOf) };
}

function ruleOf(rule: SpecFields): Readonly<Record<string, Json>> {
  // An expression may be a number, for which the schema of the cluster has a type of its own.
  const expr = rule.textOrNumber("expr");
  return { ...valuesOf(rule, rule.keys), ...(expr !== undefined && { expr: String(expr) }) };
}

const valuesOf = (fields: SpecFields, keys: readonly string[]): Record<string, Json> =>
  Object.fromEntries(keys.flatMap((key) => (fields.value(key) === undefined ? [] : [[key, fields.value(key)!]])));
