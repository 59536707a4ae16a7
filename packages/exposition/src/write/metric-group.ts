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
  for (const [i, sample] of family.samples.entries()) {
    if (i % SAMPLES_A_STEP === SAMPLES_A_STEP - 1) yield;
    const labels = part === undefined ? sample.labels : withoutLabel(sample.labels, part);
    const key = `${labels.join("\ud800")}\ud801${sample.timestampMs ?? ""}`;
    const group = groups.get(key);
    if (group !== undefined) group.samples.push(sample);
    else groups.set(key, { labels, timestampMs: sample.timestampMs, samples: [sample] });
  }
  return [...groups.values()];
}

const withoutLabel = (labels: readonly string[], name: string): string[] =>
  labels.filter((_, i) => labels[i - (i % 2)] !== name);

/** Returns the value of a label in a pair list, or undefined if it is absent. */
export function labelOf(labels: readonly string[], name: string): string | undefined {
  for (let i = 0; i < labels.length; i += 2) if (labels[i] === name) return labels[i + 1];
  return undefined;
}
