/** The cumulative buckets of one classic histogram at one step, as parallel arrays. */
export interface ClassicBuckets {
  /** Values of the label `le`, in any order. */
  readonly bounds: number[];
  readonly counts: number[];
}

/** Positions and sizes of the corrections that make bucket counts ascending. */
export interface ForcedMonotonicity {
  readonly minBound: number;
  readonly maxBound: number;
  readonly maxDifference: number;
}

const SMALL_DELTA_TOLERANCE = 1e-12;
const SMALLEST_NORMAL = 2 ** -1022;

/**
 * Returns whether two numbers are equal except for rounding. The tolerance is relative to their sum, and absolute near
 * zero.
 */
function almostEqual(a: number, b: number, tolerance: number): boolean {
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < tolerance * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < tolerance;
}

/** Sorts buckets by bound, and merges buckets with equal bounds. */
function normalize({ bounds, counts }: ClassicBuckets): ClassicBuckets {
  const order = bounds
    .map((_, i) => i)
    .sort((a, b) => (bounds[a]! < bounds[b]! ? -1 : bounds[a]! > bounds[b]! ? 1 : 0));
  const sorted: ClassicBuckets = { bounds: [], counts: [] };
  for (const i of order) {
    const last = sorted.bounds.length - 1;
    if (last >= 0 && sorted.bounds[last] === bounds[i]) sorted.counts[last]! += counts[i]!;
    else {
      sorted.bounds.push(bounds[i]!);
      sorted.counts.push(counts[i]!);
    }
  }
  return sorted;
}

/**
 * Makes the counts ascend from bucket to bucket: a lower count becomes the previous count. Corrections that exceed a
 * rounding error are reported.
 */
function forceMonotonic({ bounds, counts }: ClassicBuckets): ForcedMonotonicity | undefined {
  let minBound = Infinity;
  let maxBound = -Infinity;
  let maxDifference = 0;
  let forced = false;
  let before = counts[0]!;
  for (let i = 1; i < counts.length; i++) {
    const count = counts[i]!;
    if (count === before) continue;
    if (almostEqual(before, count, SMALL_DELTA_TOLERANCE)) {
      counts[i] = before;
    } else if (count < before) {
      counts[i] = before;
      forced = true;
      minBound = Math.min(minBound, bounds[i]!);
      maxBound = Math.max(maxBound, bounds[i]!);
      maxDifference = Math.max(maxDifference, before - count);
    } else {
      before = count;
    }
  }
  return forced ? { minBound, maxBound, maxDifference } : undefined;
}

export interface ClassicQuantile {
  readonly value: number;
  readonly forced: ForcedMonotonicity | undefined;
}

const plain = (value: number, forced?: ForcedMonotonicity): ClassicQuantile => ({ value, forced });

/**
 * Returns the index of the first of `length` counts that is at least `rank`, by bisection. For NaN counts, the result
 * depends on the order of comparisons, as in Prometheus.
 */
function firstReaching(rank: number, counts: readonly number[], length: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (counts[middle]! >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Returns the φ-quantile of a classic histogram. Interpolates linearly within a bucket. The first bucket begins at 0,
 * unless its bound is below 0.
 */
export function classicQuantile(q: number, buckets: ClassicBuckets): ClassicQuantile {
  if (Number.isNaN(q)) return plain(NaN);
  if (q < 0) return plain(-Infinity);
  if (q > 1) return plain(Infinity);
  const { bounds, counts } = normalize(buckets);
  const last = bounds.length - 1;
  if (bounds[last] !== Infinity) return plain(NaN);
  const forced = forceMonotonic({ bounds, counts });
  const total = counts[last]!;
  if (last < 1 || total === 0) return plain(NaN, forced);
  let rank = q * total;
  const bucket = firstReaching(rank, counts, last);
  if (bucket === last) return plain(bounds[last - 1]!, forced);
  const upper = bounds[bucket]!;
  if (bucket === 0 && upper <= 0) return plain(upper, forced);
  let lower = 0;
  let count = counts[bucket]!;
  if (bucket > 0) {
    lower = bounds[bucket - 1]!;
    count -= counts[bucket - 1]!;
    rank -= counts[bucket - 1]!;
  }
  return plain(lower + (upper - lower) * (rank / count), forced);
}

/** Returns the fraction of a classic histogram's observations between two bounds. */
export function classicFraction(lower: number, upper: number, buckets: ClassicBuckets): number {
  const { bounds, counts } = normalize(buckets);
  const last = bounds.length - 1;
  if (bounds[last] !== Infinity) return NaN;
  const total = counts[last]!;
  if (total === 0 || Number.isNaN(total) || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  const rankOf = (value: number): number => {
    let rank = 0;
    for (let i = 0; i <= last; i++) {
      const from = i > 0 ? bounds[i - 1]! : bounds[0]! <= 0 ? -Infinity : 0;
      const to = bounds[i]!;
      if (from >= value) return rank;
      if (to > value)
        return from === -Infinity ? counts[i]! : rank + ((counts[i]! - rank) * (value - from)) / (to - from);
      rank = counts[i]!;
    }
    return total;
  };
  return (Math.min(rankOf(upper), total) - Math.min(rankOf(lower), total)) / total;
}
