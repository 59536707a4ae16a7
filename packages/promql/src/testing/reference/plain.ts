import { CUSTOM_BUCKETS_SCHEMA, EMPTY_HISTOGRAM, type FloatHistogram, Labels } from "@narthex/model";
import { createSampleBatch, type Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { createEngine } from "../../engine.ts";
import type { QueryFeatures } from "../../evaluation.ts";
import { forEachSample, type QueryResult } from "../../query-result.ts";
import { closeNumber } from "../close-number.ts";

/**
 * A histogram for tests. The histogram has only the buckets (0.5, 1], (1, 2], (2, 4] and (4, 8], so that reference
 * implementations are simple.
 */
export interface PlainHistogram {
  readonly buckets: readonly number[];
  readonly sum: number;
}

export type Plain = number | PlainHistogram;

/** A sample. Times are in ms. */
export interface PlainSample {
  readonly time: number;
  readonly value: Plain;
  /** Start time of the counter, ms; 0 if unknown. */
  readonly start?: number;
}

export interface PlainSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly PlainSample[];
}

/** An element of a vector at one evaluation time. */
export interface PlainElement {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: Plain;
  /** Time of the sample and start time of the counter in ms. Set only if a selector returned the element. */
  readonly time?: number;
  readonly start?: number;
}

export const isHistogram = (value: Plain): value is PlainHistogram => typeof value !== "number";

export const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

export const countOf = ({ buckets }: PlainHistogram): number => total(buckets);

/** Combines two histograms: applies a function to the counts of each bucket and to the sums. */
export const combine = (
  a: PlainHistogram,
  b: PlainHistogram,
  operation: (a: number, b: number) => number,
): PlainHistogram => ({
  buckets: a.buckets.map((count, i) => operation(count, b.buckets[i]!)),
  sum: operation(a.sum, b.sum),
});

export const scaled = ({ buckets, sum }: PlainHistogram, factor: number): PlainHistogram => ({
  buckets: buckets.map((count) => count * factor),
  sum: sum * factor,
});

/** Converts a histogram for tests to the form in which histograms are stored. */
const histogramOf = ({ buckets, sum }: PlainHistogram): FloatHistogram => ({
  ...EMPTY_HISTOGRAM,
  schema: 0,
  count: total(buckets),
  sum,
  positiveSpans: [{ offset: 0, length: buckets.length }],
  positiveBuckets: Float64Array.from(buckets),
});

/**
 * Converts a stored histogram that has only the buckets of plain histograms to the plain form. Empty buckets may be
 * missing in the stored histogram.
 */
function plainOf(histogram: FloatHistogram): PlainHistogram {
  if (histogram.schema === CUSTOM_BUCKETS_SCHEMA) throw new Error("custom buckets have no plain form");
  const buckets = [0, 0, 0, 0];
  let index = 0;
  let at = 0;
  for (const { offset, length } of histogram.positiveSpans) {
    index += offset;
    for (let i = 0; i < length; i++) buckets[index++] = histogram.positiveBuckets[at++]!;
  }
  return { buckets, sum: histogram.sum };
}

export async function storageOf(all: readonly PlainSeries[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const { labels, samples } of all) {
    const app = storage.appender();
    const ref = app.series(Labels.of(labels));
    for (const { time, value, start = 0 } of samples) {
      if (isHistogram(value)) {
        app.appendHistogram(ref, time, histogramOf(value), start);
        continue;
      }
      const batch = createSampleBatch(1);
      batch.refs[0] = ref;
      batch.timestamps[0] = time;
      batch.values[0] = value;
      batch.starts = Float64Array.of(start);
      batch.count = 1;
      app.append(batch);
    }
    await app.commit();
  }
  return storage;
}

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };

/** Evaluation times of a query: `count` times from 0 on, `step` ms apart. */
export interface PlainGrid {
  readonly step: number;
  readonly count: number;
  readonly lookbackMs: number;
}

/** Evaluates a query. Returns the elements at each evaluation time, in the order of the result. */
export async function evaluate(
  storage: Queryable,
  text: string,
  { step, count, lookbackMs }: PlainGrid,
  features: Partial<QueryFeatures> = {},
): Promise<PlainElement[][]> {
  const engine = createEngine({
    clock,
    lookbackMs,
    features: { experimentalFunctions: true, extendedRangeSelectors: true, binopFillModifiers: true, ...features },
  });
  const when = count === 1 ? { time: 0 } : { start: 0, end: (count - 1) * step, step };
  return stepsOf(await engine.query({ queryable: storage, text, ...when }), step, count);
}

function stepsOf({ series }: QueryResult, step: number, count: number): PlainElement[][] {
  const steps: PlainElement[][] = Array.from({ length: count }, () => []);
  for (const one of series) {
    const labels = one.labels.toRecord();
    forEachSample(one, (time, number, histogram) =>
      steps[time / step]!.push({ labels, value: histogram === undefined ? number : plainOf(histogram) }),
    );
  }
  return steps;
}

const keyOf = (labels: PlainElement["labels"]): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

const CANCELLED = 1e-7;

/**
 * Converts a value to a form in which `toEqual()` tolerates rounding errors, because additions may happen in a
 * different order.
 */
const close = (value: Plain): unknown =>
  isHistogram(value) ? { buckets: value.buckets.map(close), sum: close(value.sum) } : closeNumber(value, CANCELLED);

/** Converts a vector to a form for `toEqual()` that ignores the order of elements, and rounding errors. */
export const comparable = (elements: readonly PlainElement[]): unknown =>
  Object.fromEntries(
    elements
      .map(({ labels, value }): [string, unknown] => [keyOf(labels), close(value)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Reference implementation of an instant selector: returns the last sample of each series within the lookback. */
export function selected(all: readonly PlainSeries[], time: number, lookbackMs: number): PlainElement[] {
  return all.flatMap(({ labels, samples }) => {
    const last = samples.filter((sample) => sample.time <= time && sample.time > time - lookbackMs).at(-1);
    return last === undefined ? [] : [{ ...last, labels }];
  });
}

/** Returns the samples that a range selector selects at a time. */
export const windowOf = ({ samples }: PlainSeries, time: number, rangeMs: number): PlainSample[] =>
  samples.filter((sample) => sample.time > time - rangeMs && sample.time <= time);

export const without = (labels: PlainElement["labels"], ...names: readonly string[]): PlainElement["labels"] =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));

export const withoutName = (labels: PlainElement["labels"]): PlainElement["labels"] => without(labels, "__name__");

/** Returns labels in which one label has a new value; an empty value removes the label. */
export const withLabel = (labels: PlainElement["labels"], name: string, value: string): PlainElement["labels"] =>
  value === "" ? without(labels, name) : { ...labels, [name]: value };
