import { compareBytewise } from "@narthex/model";
import type { FamilySample, MetricFamily } from "../family.ts";
import { groupMetrics, labelOf, type MetricGroup, partLabel } from "./metric-group.ts";

/** Order of the samples of a metric: first quantiles or buckets, then the sum, then the count. */
const SUFFIX_RANK: Readonly<Record<string, number>> = { _sum: 1, _gsum: 1, _count: 2, _gcount: 2 };

/**
 * Sorts families as a Go client prints them: families by name, label pairs by name, metrics by label values. Families
 * with the same name are merged, and the lines of a histogram or summary stay together.
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
  const part = partLabel(family);
  const samples = family.samples.map((sample) => ({ ...sample, labels: sortLabels(sample.labels, part) }));
  const groups = groupMetrics({ ...family, samples }).toSorted(compareGroups);
  if (part === undefined) return groups.flatMap((group) => group.samples);
  return groups.flatMap((group) => group.samples.toSorted((a, b) => rank(a) - rank(b)));
}

const rank = (sample: FamilySample): number => SUFFIX_RANK[sample.suffix] ?? 0;

/** Sorts pairs by name, with the bucket bound or quantile last. */
function sortLabels(labels: readonly string[], part: string | undefined): string[] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < labels.length; i += 2) if (labels[i] !== part) pairs.push([labels[i]!, labels[i + 1]!]);
  const own = pairs.toSorted((a, b) => compareBytewise(a[0], b[0])).flat();
  const bound = part === undefined ? undefined : labelOf(labels, part);
  return bound === undefined ? own : [...own, part!, bound];
}

function compareGroups(a: MetricGroup, b: MetricGroup): number {
  if (a.labels.length !== b.labels.length) return a.labels.length - b.labels.length;
  for (let i = 1; i < a.labels.length; i += 2) {
    const order = compareBytewise(a.labels[i]!, b.labels[i]!);
    if (order !== 0) return order;
  }
  return (a.timestampMs ?? 0) - (b.timestampMs ?? 0);
}
