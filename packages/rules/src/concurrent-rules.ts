import { type Matcher, METRIC_NAME } from "@narthex/model";
import { walk } from "@narthex/promql";
import type { RuleSpec } from "./rule-spec.ts";

const ALERT_SERIES = ["ALERTS", "ALERTS_FOR_STATE"];
const ALERT_NAME = "alertname";

/**
 * The rules of a group by their place in it, in batches of which each is over before the next begins: those that read
 * nothing that an earlier rule writes, then one by one those that do and are read themselves, then those nobody reads.
 */
export function concurrentBatches(rules: readonly RuleSpec[]): readonly (readonly number[])[] {
  const needs = rules.map((rule, i) => readsOf(rule, rules.slice(0, i)));
  // A selector without a name may read anything.
  if (needs.includes(undefined)) return rules.map((_, i) => [i]);
  const needed = new Set(needs.flatMap((places = []) => places));
  const places = [...rules.keys()];
  const isDependent = (i: number): boolean => needs[i]!.length > 0;
  const first = places.filter((i) => !isDependent(i));
  const between = places.filter((i) => isDependent(i) && needed.has(i));
  const last = places.filter((i) => isDependent(i) && !needed.has(i));
  return [first, ...between.map((i) => [i]), last].filter(({ length }) => length > 0);
}

/** The places of the earlier rules whose series a rule selects; undefined where that cannot be told. */
function readsOf(rule: RuleSpec, earlier: readonly RuleSpec[]): readonly number[] | undefined {
  const found = new Set<number>();
  let isKnown = true;
  walk(rule.expr, (node) => {
    if (node.kind !== "vectorSelector") return;
    const name = node.matchers.find((matcher) => matcher.name === METRIC_NAME);
    if (name === undefined) isKnown = false;
    else for (const [i, other] of earlier.entries()) if (isSelected(other, name, node.matchers)) found.add(i);
  });
  return isKnown ? [...found] : undefined;
}

function isSelected({ kind, name }: RuleSpec, metric: Matcher, matchers: readonly Matcher[]): boolean {
  if (metric.matches(name)) return true;
  if (kind !== "alerting" || !ALERT_SERIES.some((series) => metric.matches(series))) return false;
  return matchers.find((matcher) => matcher.name === ALERT_NAME)?.matches(name) ?? true;
}
