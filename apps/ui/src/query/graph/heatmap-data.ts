import type { RangeSeries } from "../../api/query-result.ts";
import type { TimeGrid } from "../../datasource/data-source.ts";

/** A range of observed values, which the heatmap draws as a row. */
export interface Bucket {
  readonly low: number;
  readonly high: number;
}

/** Histograms over time: the number of observations in each bucket at each time. */
export interface HeatmapData {
  /** Time of each column, epoch ms. */
  readonly times: readonly number[];
  /** The rows, from the lowest to the highest bucket. */
  readonly buckets: readonly Bucket[];
  /**
   * For each bucket, its nonzero counts by time index. The maps are sparse, because a dense table of very many buckets
   * could fill the memory.
   */
  readonly counts: ReadonlyArray<ReadonlyMap<number, number>>;
  readonly highestCount: number;
}

const numberOf = (bound: string): number => {
  if (bound.endsWith("Inf")) return bound.startsWith("-") ? -Infinity : Infinity;
  return Number(bound);
};

const isClassic = ({ metric }: RangeSeries): boolean => metric["le"] !== undefined;

/** Reports whether a result can be drawn as a heatmap: native histograms, or the buckets of classic ones. */
export function areHistograms(series: readonly RangeSeries[]): boolean {
  return series.length > 0 && series.every((one) => isClassic(one) || (one.histograms ?? []).length > 0);
}

type Add = (low: number, high: number, time: number, count: number) => void;

/**
 * Adds the buckets of one classic histogram. Its buckets are cumulative, so the count of the previous bucket is
 * subtracted.
 */
function addClassic(members: readonly RangeSeries[], add: Add): void {
  const sorted = members.toSorted((left, right) => numberOf(left.metric["le"]!) - numberOf(right.metric["le"]!));
  let below = new Map<number, number>();
  let low = -Infinity;
  for (const { metric, values = [] } of sorted) {
    const high = numberOf(metric["le"]!);
    const upTo = new Map(values.map(([time, text]) => [time, Number(text)]));
    for (const [time, count] of upTo) add(low, high, time, count - (below.get(time) ?? 0));
    below = upTo;
    low = high;
  }
}

function addNative(series: RangeSeries, add: Add): void {
  for (const [time, { buckets = [] }] of series.histograms ?? []) {
    for (const [, low, high, count] of buckets) add(numberOf(low), numberOf(high), time, Number(count));
  }
}

/** Groups the series of classic histograms. The labels of the series of one histogram differ only in `le`. */
function classicHistograms(series: readonly RangeSeries[]): Iterable<RangeSeries[]> {
  return Map.groupBy(series.filter(isClassic), ({ metric }) => JSON.stringify({ ...metric, le: "" })).values();
}

/** Converts the histograms in a range query's result to a heatmap. */
export function heatmapData(series: readonly RangeSeries[], grid: TimeGrid): HeatmapData {
  const length = Math.max(1, Math.floor((grid.end - grid.start) / grid.step + 1e-9) + 1);
  const rows = new Map<string, Bucket & { readonly counts: Map<number, number> }>();
  let highestCount = 0;
  const add: Add = (low, high, time, count) => {
    const at = Math.round((time - grid.start) / grid.step);
    if (!(count > 0) || at < 0 || at >= length) return;
    const key = `${low} ${high}`;
    let row = rows.get(key);
    if (row === undefined) rows.set(key, (row = { low, high, counts: new Map() }));
    const sum = (row.counts.get(at) ?? 0) + count;
    row.counts.set(at, sum);
    highestCount = Math.max(highestCount, sum);
  };
  for (const members of classicHistograms(series)) addClassic(members, add);
  for (const one of series) if (!isClassic(one)) addNative(one, add);
  const sorted = Array.from(rows.values()).toSorted((left, right) => left.high - right.high || left.low - right.low);
  return {
    times: Array.from({ length }, (_, index) => (grid.start + index * grid.step) * 1000),
    buckets: sorted.map(({ low, high }) => ({ low, high })),
    counts: sorted.map(({ counts }) => counts),
    highestCount,
  };
}

/** Returns the position of a value in the rows: 3.5 is the middle of the fourth row. */
export function rowOf(value: number, buckets: readonly Bucket[]): number {
  const row = buckets.findIndex(({ high }) => value <= high);
  if (row === -1) return buckets.length;
  const { low, high } = buckets[row]!;
  const share = (value - low) / (high - low);
  return row + (Number.isFinite(share) ? Math.max(0, share) : 0.5);
}
