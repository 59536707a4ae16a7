import type { Json } from "./monitor.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";

export type RelabelRule = Readonly<Record<string, Json>>;

/** Replaces characters that a label name cannot contain, as prometheus-operator does. */
const sanitized = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]/gu, "_");

/**
 * Returns the name of a meta label for a label of a Kubernetes object. The meta label `label` contains the value of the
 * object's label; the meta label `labelpresent` marks that the object has the label.
 */
export const metaLabel = (object: string, kind: "label" | "labelpresent", name: string): string =>
  `__meta_kubernetes_${object}_${kind}_${sanitized(name)}`;

/** First relabeling rule of each job. It saves the job's name for later rules. */
export const JOB_NAME_RULE: RelabelRule = { source_labels: ["job"], target_label: "__tmp_prometheus_job_name" };

/** Relabeling rule that drops pods that have ended. */
export const RUNNING_RULE: RelabelRule = {
  action: "drop",
  source_labels: ["__meta_kubernetes_pod_phase"],
  regex: "(Failed|Succeeded)",
};

export const copied = (source: string, target: string): RelabelRule => ({
  source_labels: [source],
  target_label: target,
});

/** Returns a relabeling rule that copies a label if it is not empty. */
export const copiedIfSet = (source: string, target: string): RelabelRule => ({
  source_labels: [source],
  target_label: target,
  regex: "(.+)",
  replacement: "${1}",
});

/**
 * Returns a relabeling rule that sets a label to a fixed value. `$` in the value refers to groups of the default
 * regular expression.
 */
export const fixed = (target: string, replacement: string): RelabelRule => ({ target_label: target, replacement });

/** Returns a relabeling rule that keeps targets if the value of a label matches the regular expression. */
export const kept = (source: string, regex: string): RelabelRule => ({
  action: "keep",
  source_labels: [source],
  regex,
});

/**
 * Returns relabeling rules that copy labels of a service or pod to its targets.
 * @param names labels that the monitor names
 */
export const targetLabelRules = (object: string, names: readonly string[]): readonly RelabelRule[] =>
  names.map((name) => copiedIfSet(metaLabel(object, "label", name), sanitized(name)));

/** Returns the relabeling rules that the user has written in a monitor. */
export const ownRules = (fields: SpecFields, key: string): readonly RelabelRule[] =>
  fields.objects(key).map((rule) => {
    const sources = rule.list("sourceLabels");
    // Keeps `separator` and `replacement` even if they are empty, because an empty text differs from their defaults.
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
