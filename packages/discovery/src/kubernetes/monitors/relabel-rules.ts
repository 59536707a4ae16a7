import type { Json } from "./monitor.ts";
import type { SpecFields } from "./spec-fields.ts";

/** A rule of relabel_configs. */
export type RelabelRule = Readonly<Record<string, Json>>;

/** Replaces characters that a label name cannot contain, as prometheus-operator does. */
const sanitized = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]/gu, "_");

/** Returns the meta label that contains a label of an object, or that marks its presence. */
export const metaLabel = (object: string, kind: "label" | "labelpresent", name: string): string =>
  `__meta_kubernetes_${object}_${kind}_${sanitized(name)}`;

/** First rule of each job. It stores the job's name for later rules. */
export const JOB_NAME_RULE: RelabelRule = { source_labels: ["job"], target_label: "__tmp_prometheus_job_name" };

/** Rule that drops pods that have ended. */
export const RUNNING_RULE: RelabelRule = {
  action: "drop",
  source_labels: ["__meta_kubernetes_pod_phase"],
  regex: "(Failed|Succeeded)",
};

/** Returns a rule that copies a meta label. */
export const copied = (source: string, target: string): RelabelRule => ({
  source_labels: [source],
  target_label: target,
});

/** Returns a rule that copies a meta label if it is not empty. */
export const copiedIfSet = (source: string, target: string): RelabelRule => ({
  source_labels: [source],
  target_label: target,
  regex: "(.+)",
  replacement: "${1}",
});

/** Returns a rule that sets a label to a value, in which `$` refers to groups of the regular expression. */
export const fixed = (target: string, replacement: string): RelabelRule => ({ target_label: target, replacement });

/** Returns a rule that keeps targets whose label matches the regular expression. */
export const kept = (source: string, regex: string): RelabelRule => ({
  action: "keep",
  source_labels: [source],
  regex,
});

/**
 * Returns rules that copy labels of services or pods to the targets.
 * @param names labels that the monitor names
 */
export const targetLabelRules = (object: string, names: readonly string[]): readonly RelabelRule[] =>
  names.map((name) => copiedIfSet(metaLabel(object, "label", name), sanitized(name)));

/** Returns the relabel rules that a monitor contains. */
export const ownRules = (fields: SpecFields, key: string): readonly RelabelRule[] =>
  fields.objects(key).map((rule) => {
    const sources = rule.list("sourceLabels");
    // These fields are kept even if they are empty, because an empty text has a meaning for them.
    const written = ["separator", "replacement"].flatMap((name) => {
      const value = rule.value(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    const modulus = rule.value("modulus");
    return {
      ...(sources.length > 0 && { source_labels: sources }),
      ...Object.fromEntries(written),
      ...rule.renamed({ targetLabel: "target_label", regex: "regex" }),
      ...(modulus !== undefined && modulus !== 0 && { modulus }),
      ...(rule.text("action") !== "" && { action: rule.text("action").toLowerCase() }),
    };
  });
