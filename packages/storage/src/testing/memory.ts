import {
  type FloatHistogram,
  histogramProblem,
  isStaleAt,
  type LabelBytes,
  type Labels,
  wordsOf,
} from "@narthex/model";
import {
  type Appendable,
  type Appender,
  type AppendOptions,
  type Exemplar,
  type MetricMetadata,
  NO_SERIES,
  type SampleBatch,
  type SeriesRef,
} from "../appender.ts";
import {
  OUTCOME_DUPLICATE,
  OUTCOME_FULL,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_TOO_OLD,
  OUTCOME_UNKNOWN_SERIES,
} from "../outcome.ts";
import type { Querier, Queryable } from "../queryable.ts";
import { SampleColumns } from "../sample-columns.ts";
import { memoryQuerier, type MemorySeries } from "./memory-querier.ts";
import { sameHistogram, staleHistogramLike } from "./same-histogram.ts";

export interface MemoryStorageOptions {
  /**
   * Maximum age of a sample in ms, relative to the newest committed sample. Older samples get OUTCOME_TOO_OLD. By
   * default there is no limit.
   */
  readonly maxAgeMs?: number;
  /** Maximum number of series. By default there is no limit. */
  readonly maxSeries?: number;
}

/**
 * Storage in plain JavaScript objects: the reference for the real one, used in tests of readers and writers.
 * ```ts
 * const storage = new MemoryStorage();
 * const app = storage.appender();
 * const batch = createSampleBatch(1);
 * batch.refs[0] = app.series(Labels.of({ __name__: "up" }));
 * batch.timestamps[0] = 1000;
 * batch.values[0] = 1;
 * batch.count = 1;
 * app.append(batch);
 * await app.commit();
 * ```
 */
export class MemoryStorage implements Appendable, Queryable {
  readonly series = new Map<string, MemorySeries>();
  readonly byRef: MemorySeries[] = [];
  /** Metric types and help texts that were committed, oldest first. */
  readonly metadata: { readonly labels: Labels; readonly metadata: MetricMetadata }[] = [];
  readonly maxAgeMs: number;
  maxSeries: number;
  maxTime = -Infinity;

  constructor(options: MemoryStorageOptions = {}) {
    this.maxAgeMs = options.maxAgeMs ?? Infinity;
    this.maxSeries = options.maxSeries ?? Infinity;
  }

  appender(options: AppendOptions = {}): Appender {
    return new MemoryAppender(this, options);
  }

  querier(minTime: number, maxTime: number): Querier {
    return memoryQuerier([...this.series.values()], minTime, maxTime);
  }

  /** Appends samples of one series and commits them, for tests. Returns the result of each sample (OUTCOME_*). */
  async load(labels: Labels, timestamps: readonly number[], values: readonly number[]): Promise<number[]> {
    const app = this.appender();
    const ref = app.series(labels);
    const batch: SampleBatch = {
      refs: new Uint32Array(timestamps.length).fill(ref),
      timestamps: Float64Array.from(timestamps),
      values: Float64Array.from(values),
      outcomes: new Uint8Array(timestamps.length),
      count: timestamps.length,
    };
    app.append(batch);
    await app.commit();
    return [...batch.outcomes];
  }
}

class MemoryAppender implements Appender {
  readonly refusal = "the memory store is full";
  readonly #storage: MemoryStorage;
  readonly #options: AppendOptions;
  readonly #minTime: number;
  readonly #pending = new Map<SeriesRef, SampleColumns>();
  readonly #exemplars: [MemorySeries, Exemplar][] = [];
  readonly #metadata: { readonly labels: Labels; readonly metadata: MetricMetadata }[] = [];

  constructor(storage: MemoryStorage, options: AppendOptions) {
    this.#storage = storage;
    this.#options = options;
    this.#minTime = storage.maxTime - storage.maxAgeMs;
  }

  series(labels: Labels): SeriesRef {
    const known = this.#storage.series.get(labels.key);
    if (known !== undefined) return known.ref;
    if (this.#storage.byRef.length >= this.#storage.maxSeries) return NO_SERIES;
    const ref = this.#storage.byRef.length + 1;
    const made: MemorySeries = { ref, labels, samples: new SampleColumns(16), exemplars: [] };
    this.#storage.series.set(labels.key, made);
    this.#storage.byRef.push(made);
    return ref;
  }

  seriesFromBytes(labels: LabelBytes): SeriesRef {
    return this.series(labels.toLabels());
  }

  findSeries(labels: Labels): SeriesRef {
    return this.#storage.series.get(labels.key)?.ref ?? NO_SERIES;
  }

  append(batch: SampleBatch): void {
    const words = wordsOf(batch.values);
    for (let i = 0; i < batch.count; i++) batch.outcomes[i] = this.#appendFloat(batch, i, words);
  }

  #appendFloat(batch: SampleBatch, index: number, words: Uint32Array): number {
    const ref = batch.refs[index]!;
    const timestamp = batch.timestamps[index]!;
    const last = this.#last(ref);
    if (last === undefined) return unknown(ref);
    const previous = last.histograms?.[last.count - 1];
    if (previous !== undefined && isStaleAt(words, index)) {
      return this.appendHistogram(ref, timestamp, staleHistogramLike(previous));
    }
    const order = this.#order(last, timestamp);
    if (order !== OUTCOME_DUPLICATE) {
      if (order === OUTCOME_OK) {
        const columns = this.#columns(ref);
        columns.pushFloat(timestamp, words, index);
        columns.setStart(batch.starts?.[index] ?? 0);
      }
      return order;
    }
    const at = (last.count - 1) * 2;
    const same =
      previous === undefined &&
      last.valueWords[at] === words[index * 2] &&
      last.valueWords[at + 1] === words[index * 2 + 1];
    return same ? OUTCOME_OK : OUTCOME_DUPLICATE;
  }

  appendHistogram(ref: SeriesRef, timestamp: number, histogram: FloatHistogram, start = 0): number {
    const last = this.#last(ref);
    if (last === undefined) return unknown(ref);
    const bounds = this.#bounds(timestamp);
    if (bounds !== OUTCOME_OK) return bounds;
    if (histogramProblem(histogram) !== undefined) return OUTCOME_INVALID_HISTOGRAM;
    const order = this.#order(last, timestamp);
    if (order === OUTCOME_OK) {
      const columns = this.#columns(ref);
      columns.pushHistogram(timestamp, histogram);
      columns.setStart(start);
    }
    if (order !== OUTCOME_DUPLICATE) return order;
    const previous = last.histograms?.[last.count - 1];
    return previous !== undefined && sameHistogram(previous, histogram) ? OUTCOME_OK : OUTCOME_DUPLICATE;
  }

  newestFloat(ref: SeriesRef): number | undefined {
    const last = this.#last(ref);
    if (last === undefined || last.count === 0 || last.histograms?.[last.count - 1] !== undefined) return undefined;
    return last.values[last.count - 1];
  }

  appendExemplar(ref: SeriesRef, exemplar: Exemplar): number {
    const series = this.#storage.byRef[ref - 1];
    if (series === undefined) return OUTCOME_UNKNOWN_SERIES;
    const own = this.#exemplars.findLast(([owner]) => owner === series)?.[1];
    const last = own ?? series.exemplars.at(-1);
    if (last !== undefined && exemplar.timestamp <= last.timestamp) {
      if (exemplar.timestamp < last.timestamp) return OUTCOME_OUT_OF_ORDER;
      if (Object.is(last.value, exemplar.value) && last.labels.equals(exemplar.labels)) return OUTCOME_DUPLICATE;
      if (exemplar.value < last.value) return OUTCOME_OUT_OF_ORDER;
    }
    this.#exemplars.push([series, exemplar]);
    return OUTCOME_OK;
  }

  appendMetadata(ref: SeriesRef, metadata: MetricMetadata): number {
    const series = this.#storage.byRef[ref - 1];
    if (series === undefined) return OUTCOME_UNKNOWN_SERIES;
    this.#metadata.push({ labels: series.labels, metadata });
    return OUTCOME_OK;
  }

  commit(): Promise<void> {
    this.#storage.metadata.push(...this.#metadata);
    for (const [ref, columns] of this.#pending) {
      const series = this.#storage.byRef[ref - 1]!;
      for (let i = 0; i < columns.count; i++) series.samples.pushFrom(columns, i);
      const newest = columns.timestamps[columns.count - 1] ?? -Infinity;
      this.#storage.maxTime = Math.max(this.#storage.maxTime, newest);
    }
    for (const [series, exemplar] of this.#exemplars) series.exemplars.push(exemplar);
    this.rollback();
    return Promise.resolve();
  }

  rollback(): void {
    this.#pending.clear();
    this.#exemplars.length = 0;
    this.#metadata.length = 0;
  }

  /**
   * Returns the samples with which the time of a new sample is compared: the samples of the series in this transaction
   * if there are any, otherwise the committed ones.
   */
  #last(ref: SeriesRef): SampleColumns | undefined {
    return this.#pending.get(ref) ?? this.#storage.byRef[ref - 1]?.samples;
  }

  #columns(ref: SeriesRef): SampleColumns {
    let columns = this.#pending.get(ref);
    if (columns === undefined) this.#pending.set(ref, (columns = new SampleColumns(4)));
    return columns;
  }

  #bounds(timestamp: number): number {
    if (timestamp > (this.#options.maxTimestamp ?? Infinity)) return OUTCOME_OUT_OF_BOUNDS;
    return timestamp < this.#minTime ? OUTCOME_TOO_OLD : OUTCOME_OK;
  }

  /**
   * Returns the result (OUTCOME_*) of a sample according to its time. OUTCOME_DUPLICATE only means that the times are
   * equal; the caller then compares the values.
   */
  #order(last: SampleColumns, timestamp: number): number {
    const bounds = this.#bounds(timestamp);
    if (bounds !== OUTCOME_OK) return bounds;
    if (last.count === 0) return OUTCOME_OK;
    const lastTime = last.timestamps[last.count - 1]!;
    if (timestamp === lastTime) return OUTCOME_DUPLICATE;
    return timestamp > lastTime ? OUTCOME_OK : OUTCOME_OUT_OF_ORDER;
  }
}

const unknown = (ref: SeriesRef): number => (ref === NO_SERIES ? OUTCOME_FULL : OUTCOME_UNKNOWN_SERIES);
