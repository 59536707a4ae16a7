import type { Labels } from "@narthex/dashboards";

/**
 * Columns of the native histograms of a series. `times`, `counts` and similar columns have one entry for each sample;
 * the bucket columns have one entry for each bucket of each sample.
 */
export interface HistogramColumns {
  /** Times of samples, epoch ms. */
  readonly times: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  /**
   * The bucket columns, with an entry for each bucket: the time of its sample in epoch ms, its bounds and its count.
   */
  readonly bucketTimes: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly bucketCounts: Float64Array;
  /** Which bounds a bucket includes, as a code: 0 the upper, 1 the lower, 2 none, 3 both. */
  readonly bounds: Float64Array;
}

/** A series in an answer, with ascending times. Its columns must not be changed, because answers share them. */
export interface Series {
  readonly labels: Labels;
  /** Times of the samples, epoch ms. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: HistogramColumns;
}

/** The decoded answer of the query API. */
export interface QueryResult {
  readonly resultType: "matrix" | "vector" | "scalar" | "string";
  /** Series of a matrix or vector. A scalar is one series without labels. */
  readonly series: readonly Series[];
  /** Set if the result is a string. */
  readonly text?: { readonly time: number; readonly value: string };
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

const NAME = "__name__";

/**
 * Returns a text that is unique for each label set. Label sets sorted by this text are in the same order as in
 * Prometheus.
 */
export function labelsKey(labels: Labels): string {
  let key = "";
  for (const name of Object.keys(labels).sort()) key += `${name}\u0000${labels[name]}\u0001`;
  return key;
}

/** Returns `name{a="b", c="d"}` with sorted labels; `{}` without labels. */
export function seriesName(labels: Labels, separator = ", "): string {
  const pairs = Object.keys(labels)
    .filter((name) => name !== NAME)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  const metric = Object.hasOwn(labels, NAME) ? labels[NAME]! : "";
  return pairs.length === 0 && metric !== "" ? metric : `${metric}{${pairs.join(separator)}}`;
}

/** Returns the number of times that are earlier than `time`. The times must ascend. */
export function timesBefore(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the approximate memory of a series in bytes, including its labels. */
export function seriesBytes({ labels, times, histograms }: Series): number {
  let bytes = 256 + 16 * times.length;
  for (const name in labels) bytes += 32 + 2 * (name.length + labels[name]!.length);
  if (histograms !== undefined) bytes += 24 * histograms.times.length + 40 * histograms.bucketTimes.length;
  return bytes;
}
