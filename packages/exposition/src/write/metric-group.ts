import { runToEnd, type Steps } from "@narthex/runtime";
import type { FamilySample, MetricFamily } from "../family.ts";

/** The samples of one metric. A histogram's buckets, sum and count belong to one metric. */
export interface MetricGroup {
  /** Labels without `le` or `quantile`. */
  readonly labels: readonly string[];
  readonly timestampMs: number | undefined;
  readonly samples: FamilySample[];
}

/**
 * Returns the label that distinguishes the parts of a metric (`le`, `quantile`), or undefined if the family's type has
 * no parts.
 */
export const partLabel = (family: MetricFamily): string | undefined =>
  family.type === "summary"
    ? "quantile"
    : family.type === "histogram" || family.type === "gaugehistogram"
      ? "le"
      : undefined;

/** Returns a family's samples by metric, in order of first appearance. */
export const groupMetrics = (family: MetricFamily): MetricGroup[] => runToEnd(groupingMetrics(family));

/** Number of samples that are grouped between two yields to other work. */
const SAMPLES_A_STEP = 1024;

/** Groups samples like groupMetrics(), but yields to other work between steps. */
export function* groupingMetrics(family: MetricFamily): Steps<MetricGroup[]> {
  const part = partLabel(family);
  const groups = new Map<string, MetricGroup>();
  let last: MetricGroup | undefined;
  for (const [i, sample] of family.samples.entries()) {
    if (i % SAMPLES_A_STEP === SAMPLES_A_STEP - 1) yield;
    // Most samples belong to the metric of the sample before. The comparison then costs less than a key.
    if (last === undefined || !belongsTo(sample, last, part)) {
      const labels = part === undefined ? sample.labels : withoutLabel(sample.labels, part);
      const key = `${labels.join("\ud800")}\ud801${sample.timestampMs ?? ""}`;
      last = groups.get(key);
      if (last === undefined) groups.set(key, (last = { labels, timestampMs: sample.timestampMs, samples: [] }));
    }
    last.samples.push(sample);
  }
  return [...groups.values()];
}

/** Returns whether a sample is one of a metric. `part` is the label that the metric does not have. */
function belongsTo({ labels, timestampMs }: FamilySample, metric: MetricGroup, part: string | undefined): boolean {
  if (timestampMs !== metric.timestampMs) return false;
  let at = 0;
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] === part) continue;
    if (labels[i] !== metric.labels[at] || labels[i + 1] !== metric.labels[at + 1]) return false;
    at += 2;
  }
  return at === metric.labels.length;
}

const withoutLabel = (labels: readonly string[], name: string): string[] =>
  labels.filter((_, i) => labels[i - (i % 2)] !== name);

/** Returns the value of a label in a pair list, or undefined if it is absent. */
export function labelOf(labels: readonly string[], name: string): string | undefined {
  for (let i = 0; i < labels.length; i += 2) if (labels[i] === name) return labels[i + 1];
  return undefined;
}
