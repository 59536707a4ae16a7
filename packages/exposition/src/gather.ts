import { compareBytewise } from "@narthex/model";
import type { FamilySample, MetricFamily } from "./family.ts";

/** The samples of one metric (a histogram's buckets, sum and count belong together), by its labels. */
interface Metric {
  readonly labels: readonly string[];
  readonly samples: FamilySample[];
}

/**
 * Brings families into the order in which a Go client prints them: families by name, those of one name merged, label
 * pairs by name, metrics by label values, a histogram's or summary's lines kept together.
 */
export function gather(families: Iterable<MetricFamily>): MetricFamily[] {
  const byName = new Map<string, MetricFamily>();
  for (const family of families) {
    const known = byName.get(family.name);
    const samples = known === undefined ? family.samples : [...known.samples, ...family.samples];
    byName.set(family.name, known === undefined ? family : { ...known, samples });
  }
  return [...byName.values()]
    .toSorted((a, b) => compareBytewise(a.name, b.name))
    .map((family) => ({ ...family, samples: sortSamples(family) }));
}

function sortSamples(family: MetricFamily): FamilySample[] {
  const bound = family.type === "histogram" || family.type === "gaugehistogram" ? "le" : "quantile";
  const metrics = new Map<string, Metric>();
  for (const sample of family.samples) {
    const { own, last } = splitLabels(sample.labels, family.type === "summary" || bound === "le" ? bound : undefined);
    const key = `${own.join("\ud800")}\ud801${sample.timestampMs ?? ""}`;
    let metric = metrics.get(key);
    if (metric === undefined) metrics.set(key, (metric = { labels: own, samples: [] }));
    metric.samples.push({ ...sample, labels: last.length === 0 ? own : [...own, ...last] });
  }
  return [...metrics.values()].toSorted(compareMetrics).flatMap((metric) => metric.samples);
}

/** Label pairs sorted by name, the bucket bound or quantile apart. */
function splitLabels(labels: readonly string[], bound: string | undefined): { own: string[]; last: string[] } {
  const pairs: [string, string][] = [];
  const last: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] === bound) last.push(labels[i]!, labels[i + 1]!);
    else pairs.push([labels[i]!, labels[i + 1]!]);
  }
  return { own: pairs.toSorted((a, b) => compareBytewise(a[0], b[0])).flat(), last };
}

function compareMetrics(a: Metric, b: Metric): number {
  if (a.labels.length !== b.labels.length) return a.labels.length - b.labels.length;
  for (let i = 1; i < a.labels.length; i += 2) {
    const order = compareBytewise(a.labels[i]!, b.labels[i]!);
    if (order !== 0) return order;
  }
  return (a.samples[0]!.timestampMs ?? 0) - (b.samples[0]!.timestampMs ?? 0);
}
