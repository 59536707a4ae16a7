import type { Labels } from "@narthex/dashboards";

/** Native histograms of a series: a row for each sample, and one for each bucket of each sample. */
export interface HistogramColumns {
  /** Of samples, ms. */
  readonly times: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  /** Of buckets: the time of their sample, ms, their bounds and what is between them. */
  readonly bucketTimes: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly bucketCounts: Float64Array;
  /** Which bounds belong to the bucket: 0 the upper, 1 the lower, 2 none, 3 both. */
  readonly bounds: Float64Array;
}

/** A series of an answer; its times ascend. Nobody writes to the columns: answers share them. */
export interface Series {
  readonly labels: Labels;
  /** ms */
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histograms?: HistogramColumns;
}

/** What the query API answered. */
export interface QueryResult {
  readonly resultType: "matrix" | "vector" | "scalar" | "string";
  /** Of a matrix or vector; of a scalar one without labels. */
  readonly series: readonly Series[];
  /** Of a string. */
  readonly text?: { readonly time: number; readonly value: string };
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

const NAME = "__name__";

/** The labels in one text that is another for every other set; and by which sets are sorted as Prometheus sorts. */
export function labelsKey(labels: Labels): string {
  let key = "";
  for (const name of Object.keys(labels).sort()) key += `${name}\u0000${labels[name]}\u0001`;
  return key;
}

/** `name{a="b", c="d"}`, labels in order; `{}` where there is nothing. */
export function seriesName(labels: Labels, separator = ", "): string {
  const pairs = Object.keys(labels)
    .filter((name) => name !== NAME)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  const metric = Object.hasOwn(labels, NAME) ? labels[NAME]! : "";
  return pairs.length === 0 && metric !== "" ? metric : `${metric}{${pairs.join(separator)}}`;
}

/** How many times are less than this one; times ascend. */
export function timesBefore(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bytes that a series takes, labels included, roughly. */
export function seriesBytes({ labels, times, histograms }: Series): number {
  let bytes = 256 + 16 * times.length;
  for (const name in labels) bytes += 32 + 2 * (name.length + labels[name]!.length);
  if (histograms !== undefined) bytes += 24 * histograms.times.length + 40 * histograms.bucketTimes.length;
  return bytes;
}
