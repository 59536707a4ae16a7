import {
  type FamilySample,
  groupMetrics,
  histogramSamples,
  type MetricFamily,
  type MetricGroup,
  summarySamples,
} from "@narthex/exposition";
import { parseGoFloat } from "@narthex/model";

/** One metric of a family: a label set with its sample lines. */
export interface TextMetric {
  /** Labels as a flat list of names and values, without `le` and `quantile`. */
  readonly labels: readonly string[];
  readonly samples: readonly FamilySample[];
}

/**
 * Returns the metrics of a family in a file. All metrics get the same label names. For histograms and summaries, parts
 * are sorted, repeated parts are removed, and a missing sum or count is added.
 */
export function textMetrics(family: MetricFamily): TextMetric[] {
  const groups = hasParts(family) ? groupMetrics(family) : family.samples.map(metricOf);
  const names = new Set(groups.flatMap(({ labels }) => labels.filter((_, i) => i % 2 === 0)));
  return groups.map((group) => {
    const own = new Set(group.labels.filter((_, i) => i % 2 === 0));
    const missing = [...names].filter((name) => !own.has(name));
    const labels = [...group.labels, ...missing.flatMap((name) => [name, ""])];
    return { labels, samples: samplesOf(family, group, labels) };
  });
}

const hasParts = ({ type }: MetricFamily): boolean => type === "histogram" || type === "summary";

const metricOf = (sample: FamilySample): MetricGroup => ({
  labels: sample.labels,
  timestampMs: undefined,
  samples: [sample],
});

function samplesOf(family: MetricFamily, group: MetricGroup, labels: readonly string[]): readonly FamilySample[] {
  if (!hasParts(family)) return group.samples.map((sample) => ({ ...sample, labels }));
  const last = (suffix: string): number => group.samples.findLast((sample) => sample.suffix === suffix)?.value ?? 0;
  const count = Math.trunc(last("_count"));
  const sum = last("_sum");
  const parts = new Map<number, number>();
  for (const { suffix, labels: pairs, value } of group.samples) {
    // Uses the last label of a bucket or quantile as its bound. Skips lines without this label, and ignores the last
    // label of a sum or count.
    if (suffix === "_sum" || suffix === "_count" || pairs.length === group.labels.length) continue;
    parts.set(parseGoFloat(pairs.at(-1)!) ?? Number.NaN, value);
  }
  const sorted = [...parts].toSorted(([a], [b]) => a - b);
  if (family.type === "summary") return summarySamples({ quantiles: sorted, sum, count }, labels);
  return histogramSamples(
    { bounds: sorted.map(([bound]) => bound), counts: sorted.map(([, value]) => Math.trunc(value)), sum, count },
    labels,
  );
}
