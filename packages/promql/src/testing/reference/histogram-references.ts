import { countOf, isHistogram, type PlainElement, type PlainHistogram, total, without, withLabel } from "./plain.ts";

type Labels = PlainElement["labels"];

/** Returns the lower bound of bucket i in a histogram for tests. The bucket extends from 2^(i-1) to 2^i. */
const lower = (i: number): number => 2 ** (i - 1);

/**
 * Reference implementation of the quantile of a histogram. The rank is counted from below for small q and from above
 * for large q, which matters if the rank is between two buckets.
 */
function nativeQuantile(q: number, histogram: PlainHistogram): number {
  const { buckets } = histogram;
  const count = countOf(histogram);
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  if (count === 0 || Number.isNaN(q)) return NaN;
  const upwards = q < 0.5;
  const rank = (upwards ? q : 1 - q) * count;
  const order = buckets.map((_, i) => i).filter((i) => buckets[i]! > 0);
  let seen = 0;
  for (const i of upwards ? order : order.toReversed()) {
    seen += buckets[i]!;
    if (seen < rank) continue;
    const within = upwards ? rank - (seen - buckets[i]!) : seen - rank;
    return lower(i) * 2 ** (within / buckets[i]!);
  }
  throw new Error("a rank above all buckets");
}

/** Returns the fraction of a histogram's observations between two values. */
function nativeFraction(from: number, to: number, histogram: PlainHistogram): number {
  const count = countOf(histogram);
  if (count === 0 || Number.isNaN(from) || Number.isNaN(to)) return NaN;
  if (from >= to) return 0;
  const below = (value: number): number =>
    total(
      histogram.buckets.map((here, i) => {
        if (value <= lower(i)) return 0;
        return value >= 2 * lower(i) ? here : here * Math.log2(value / lower(i));
      }),
    );
  return (below(to) - below(from)) / count;
}

export function histogramVariance(histogram: PlainHistogram): number {
  const count = countOf(histogram);
  const mean = histogram.sum / count;
  const middle = (i: number): number => Math.sqrt(lower(i) * 2 * lower(i));
  return total(histogram.buckets.map((here, i) => here * (middle(i) - mean) ** 2)) / count;
}

interface Bucket {
  readonly bound: number;
  count: number;
}

/** Groups the buckets of classic histograms by all labels except `le`. Sorts the buckets of each group by bound. */
function classicGroups(elements: readonly PlainElement[]): { labels: Labels; buckets: Bucket[] }[] {
  const groups = new Map<string, { labels: Labels; buckets: Bucket[] }>();
  for (const { labels, value } of elements) {
    const bound = Number(labels["le"]?.replace("+Inf", "Infinity"));
    if (isHistogram(value) || Number.isNaN(bound)) continue;
    const rest = without(labels, "le", "__name__");
    const key = JSON.stringify(rest);
    const group = groups.get(key) ?? { labels: rest, buckets: [] };
    group.buckets.push({ bound, count: value });
    groups.set(key, group);
  }
  for (const { buckets } of groups.values()) buckets.sort((a, b) => a.bound - b.bound);
  return [...groups.values()];
}

function classicQuantile(q: number, sorted: readonly Bucket[]): number {
  if (Number.isNaN(q)) return NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  if (sorted.at(-1)!.bound !== Infinity || sorted.length < 2) return NaN;
  let most = -Infinity;
  const buckets = sorted.map(({ bound, count }) => ({ bound, count: (most = Math.max(most, count)) }));
  const rank = q * most;
  if (most === 0) return NaN;
  const found = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  if (found === -1) return buckets.at(-2)!.bound;
  const { bound, count } = buckets[found]!;
  if (found === 0 && bound <= 0) return bound;
  const [from, before] = found === 0 ? [0, 0] : [buckets[found - 1]!.bound, buckets[found - 1]!.count];
  return from + (bound - from) * ((rank - before) / (count - before));
}

/**
 * Reference implementation: returns the fraction of a classic histogram's observations between two values. Counts must
 * be ascending.
 */
function classicFraction(from: number, to: number, buckets: readonly Bucket[]): number {
  if (buckets.at(-1)!.bound !== Infinity) return NaN;
  const count = buckets.at(-1)!.count;
  if (count === 0 || Number.isNaN(from) || Number.isNaN(to)) return NaN;
  if (from >= to) return 0;
  const below = (value: number): number => {
    let rank = 0;
    let start = buckets[0]!.bound > 0 ? 0 : -Infinity;
    for (const bucket of buckets) {
      if (value <= start) return rank;
      if (value < bucket.bound) {
        if (bucket.bound === Infinity) return rank;
        return rank + ((bucket.count - rank) * (value - start)) / (bucket.bound - start);
      }
      rank = bucket.count;
      start = bucket.bound;
    }
    return rank;
  };
  return (below(to) - below(from)) / count;
}

/** Reference implementation of histogram_quantile(q, v). */
export const quantiles = (q: number, elements: readonly PlainElement[]): PlainElement[] => [
  ...elements.flatMap(({ labels, value }) =>
    isHistogram(value) ? [{ labels: without(labels, "__name__"), value: nativeQuantile(q, value) }] : [],
  ),
  ...classicGroups(elements).map(({ labels, buckets }) => ({ labels, value: classicQuantile(q, buckets) })),
];

/** Reference implementation of histogram_fraction(from, to, v). */
export const fractions = (from: number, to: number, elements: readonly PlainElement[]): PlainElement[] => [
  ...elements.flatMap(({ labels, value }) =>
    isHistogram(value) ? [{ labels: without(labels, "__name__"), value: nativeFraction(from, to, value) }] : [],
  ),
  ...classicGroups(elements).map(({ labels, buckets }) => ({ labels, value: classicFraction(from, to, buckets) })),
];

/**
 * Reference implementation of histogram_quantiles(v, label, …). Returns one series for each quantile φ, with φ as the
 * value of the label.
 */
export const manyQuantiles = (
  label: string,
  wanted: Readonly<Record<string, number>>,
  elements: readonly PlainElement[],
): PlainElement[] =>
  Object.entries(wanted).flatMap(([text, q]) =>
    quantiles(q, elements).map(({ labels, value }) => ({ labels: withLabel(labels, label, text), value })),
  );
