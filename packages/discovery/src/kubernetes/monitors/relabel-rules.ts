import type { Json } from "./monitor.ts";
import type { SpecFields } from "./spec-fields.ts";

/** A rule of relabel_configs. */
export type RelabelRule = Readonly<Record<string, Json>>;

/** Characters that a label's name has no place for, as prometheus-operator replaces them. */
export const sanitized = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]/gu, "_");

/** The meta label in which discovery hands on a label of an object, or that the object has it. */
export const metaLabel = (object: string, kind: "label" | "labelpresent", name: string): string =>
  `__meta_kubernetes_${object}_${kind}_${sanitized(name)}`;

/** The first rule of each job: the job's name, for rules behind it. */
export const JOB_NAME_RULE: RelabelRule = { source_labels: ["job"], target_label: "__tmp_prometheus_job_name" };

/** Pods that are done have nothing to say. */
export const RUNNING_RULE: RelabelRule = {
  action: "drop",
  source_labels: ["__meta_kubernetes_pod_phase"],
  regex: "(Failed|Succeeded)",
};

/** Copies a meta label. */
export const copied = (source: string, target: string): RelabelRule => ({
  source_labels: [source],
  target_label: target,
});

/** Copies a meta label that is not empty. */
export const copiedIfSet = (source: string, target: string): RelabelRule => ({
  source_labels: [source],
  target_label: target,
  regex: "(.+)",
  replacement: "${1}",
});

/** Gives a label this value, in which `$` stands for groups. */
export const fixed = (target: string, replacement: string): RelabelRule => ({ target_label: target, replacement });

/** Keeps targets whose label is this, read as a regular expression. */
export const kept = (source: string, regex: string): RelabelRule => ({
  action: "keep",
  source_labels: [source],
  regex,
});

/** Labels of services or pods that a monitor names become labels of its targets, by the same name. */
export const targetLabelRules = (object: string, names: readonly string[]): readonly RelabelRule[] =>
  names.map((name) => copiedIfSet(metaLabel(object, "label", name), sanitized(name)));

/** Rules as a monitor has them. */
export const ownRules = (fields: SpecFields, key: string): readonly RelabelRule[] =>
  fields.objects(key).map((rule) => {
    const sources = rule.list("sourceLabels");
    // Empty texts mean something here.
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
