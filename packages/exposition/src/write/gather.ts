import { compareBytewise } from "@narthex/model";
import type { FamilySample, MetricFamily } from "../family.ts";
import { groupMetrics, labelOf, partLabel } from "./metric-group.ts";

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

function sortSamples(family: MetricFamily): readonly FamilySample[] {
  const part = partLabel(family);
  const samples = family.samples.map((sample) => {
    const labels = sortLabels(sample.labels, part);
    return labels === sample.labels ? sample : { ...sample, labels };
  });
  if (part === undefined) return samples.sort(compareSamples);
  const groups = groupMetrics({ ...family, samples }).sort(compareSamples);
  return groups.flatMap((group) => group.samples.sort((a, b) => rank(a) - rank(b)));
}

const rank = (sample: FamilySample): number => SUFFIX_RANK[sample.suffix] ?? 0;

/** Returns pairs sorted by name, with the bucket bound or quantile last. Returns `labels` if they are sorted. */
function sortLabels(labels: readonly string[], part: string | undefined): readonly string[] {
  if (isSorted(labels, part)) return labels;
  const pairs: [string, string][] = [];
  for (let i = 0; i < labels.length; i += 2) if (labels[i] !== part) pairs.push([labels[i]!, labels[i + 1]!]);
  const own = pairs.sort((a, b) => compareBytewise(a[0], b[0])).flat();
  const bound = part === undefined ? undefined : labelOf(labels, part);
  return bound === undefined ? own : [...own, part!, bound];
}

function isSorted(labels: readonly string[], part: string | undefined): boolean {
  for (let i = 2; i < labels.length; i += 2) {
    if (labels[i - 2] === part) return false;
    if (labels[i] !== part && compareBytewise(labels[i - 2]!, labels[i]!) > 0) return false;
  }
  return true;
}

/** A sample or a metric. */
type Labelled = Pick<FamilySample, "labels" | "timestampMs">;

function compareSamples(a: Labelled, b: Labelled): number {
  if (a.labels.length !== b.labels.length) return a.labels.length - b.labels.length;
  for (let i = 1; i < a.labels.length; i += 2) {
    const order = compareBytewise(a.labels[i]!, b.labels[i]!);
    if (order !== 0) return order;
  }
  return (a.timestampMs ?? 0) - (b.timestampMs ?? 0);
}
