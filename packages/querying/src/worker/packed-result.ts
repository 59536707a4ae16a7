import { type FloatHistogram, Labels } from "@narthex/model";
import type { QueryResult, ResultSeries } from "@narthex/promql";
import type { Steps } from "@narthex/runtime";

/** Number of series that are unpacked between two pauses for other work. */
const SERIES_PER_STEP = 4096;

/** A query result as a few flat arrays, because posting an object for each series to another thread takes long. */
export interface PackedResult extends Omit<QueryResult, "series"> {
  /** All label names and values without repetition, because posting takes longer with more strings. */
  readonly texts: readonly string[];
  /** Labels of all series, names and values alternately, as indexes into `texts`. */
  readonly labels: Uint32Array;
  /** Number of labels of each series. */
  readonly labelCounts: Uint32Array;
  /** Number of values of each series, including times without a sample. */
  readonly slotCounts: Uint32Array;
  readonly values: Float64Array;
  readonly present: Uint8Array;
  /** Times of the values of all series. The times are stored only once if all series have the same times. */
  readonly times: Float64Array;
  /** The histograms, each with its index among the values of all series. */
  readonly histograms: readonly (readonly [number, FloatHistogram])[];
}

export function packResult({ series, ...rest }: QueryResult): PackedResult {
  const slots = series.reduce((sum, { column }) => sum + column.present.length, 0);
  const sharedTimes = series[0]?.times;
  const shared = sharedTimes !== undefined && series.every(({ times }) => times === sharedTimes);
  const texts = new Map<string, number>();
  const labels = new Uint32Array(series.reduce((sum, one) => sum + one.labels.pairs.length, 0));
  const labelCounts = new Uint32Array(series.length);
  const slotCounts = new Uint32Array(series.length);
  const values = new Float64Array(slots);
  const present = new Uint8Array(slots);
  const times = shared ? sharedTimes.slice() : new Float64Array(slots);
  const histograms: [number, FloatHistogram][] = [];
  let at = 0;
  let label = 0;
  series.forEach((one, i) => {
    const { column } = one;
    for (const text of one.labels.pairs) {
      let index = texts.get(text);
      if (index === undefined) texts.set(text, (index = texts.size));
      labels[label++] = index;
    }
    labelCounts[i] = one.labels.size;
    slotCounts[i] = column.present.length;
    values.set(column.values, at);
    present.set(column.present, at);
    if (!shared) times.set(one.times, at);
    column.histograms?.forEach((histogram, slot) => histogram !== undefined && histograms.push([at + slot, histogram]));
    at += column.present.length;
  });
  return { ...rest, texts: [...texts.keys()], labels, labelCounts, slotCounts, values, present, times, histograms };
}

/** Returns the buffers of a packed result, for transferring them to another thread. */
export const buffersOf = ({ labels, labelCounts, slotCounts, values, present, times }: PackedResult): ArrayBuffer[] =>
  [labels, labelCounts, slotCounts, values, present, times].map(({ buffer }) => buffer as ArrayBuffer);

export function* unpackResult(packed: PackedResult): Steps<QueryResult> {
  const { texts, labels, labelCounts, slotCounts, values, present, times, histograms, ...rest } = packed;
  const shared = slotCounts.every((count) => count === times.length);
  const series: ResultSeries[] = [];
  let label = 0;
  let slot = 0;
  let nextHistogram = 0;
  for (let i = 0; i < slotCounts.length; i++) {
    if (i % SERIES_PER_STEP === SERIES_PER_STEP - 1) yield;
    const endOfLabels = label + labelCounts[i]! * 2;
    const end = slot + slotCounts[i]!;
    let found: (FloatHistogram | undefined)[] | undefined;
    for (; nextHistogram < histograms.length && histograms[nextHistogram]![0] < end; nextHistogram++) {
      found ??= Array.from({ length: end - slot });
      found[histograms[nextHistogram]![0] - slot] = histograms[nextHistogram]![1];
    }
    series.push({
      labels: Labels.fromSortedPairs(Array.from(labels.subarray(label, endOfLabels), (index) => texts[index]!)),
      times: shared ? times : times.subarray(slot, end),
      column: { values: values.subarray(slot, end), present: present.subarray(slot, end), histograms: found },
    });
    label = endOfLabels;
    slot = end;
  }
  return { ...rest, series };
}
