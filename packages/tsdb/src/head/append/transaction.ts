import {
  type FloatHistogram,
  histogramProblem,
  type LabelBytes,
  type Labels,
  STALE_HIGH,
  STALE_LOW,
  wordsOf,
} from "@narthex/model";
import { invariant } from "@narthex/runtime";
import {
  type Appender,
  type AppendOptions,
  type Exemplar,
  MAX_LABEL_BYTES,
  type MetricMetadata,
  NO_SERIES,
  OUTCOME_DUPLICATE,
  OUTCOME_FULL,
  OUTCOME_INVALID_EXEMPLAR,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_TOO_OLD,
  OUTCOME_UNKNOWN_SERIES,
  type SampleBatch,
  type SeriesRef,
} from "@narthex/storage";
import { emptyLike, sameHistogram, staleHistogram } from "../../chunk/histogram-shape.ts";
import { isHistogramEncoding } from "../../chunk/histogram.ts";
import { ENCODING_XOR } from "../../chunk/xor.ts";
import type { SeriesExemplar } from "../../wal/records.ts";
import { exemplarOrder, isInvalid } from "./exemplar-order.ts";
import { MAX_TIME_MS, storedStart } from "./float-chunks.ts";
import type { HeadCounters } from "../counters.ts";
import type { ExemplarRing } from "../memory/exemplar-ring.ts";
import { isBefore } from "../concurrency/commit-sequence.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { HistogramChunks } from "./histogram-chunks.ts";
import type { PendingSamples } from "./pending-samples.ts";
import type { SeriesMetadata, SeriesMetadataEntry } from "../memory/series-metadata.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/**
 * Flag in the index of a series' pending sample. With the flag, the index refers to the list of histograms, otherwise
 * to the list of floats.
 */
const HISTOGRAM_FLAG = 0x80000000;

/**
 * Internal outcome for an out-of-order sample within the out-of-order window. The sample is accepted, and the commit
 * finds out whether it is a duplicate.
 */
const OUTCOME_WITHIN_WINDOW = -1;

const NO_STARTS = new Float64Array(0);

/** Settings for data formats that Prometheus before 3.14 cannot read. */
export interface HeadEncodings {
  /** Whether start timestamps are accepted and logged. */
  readonly withStarts: boolean;
  /** Whether a zero is stored at the start time of a counter. */
  readonly startsAsZeros?: boolean;
  /** Whether float chunks are encoded as XOR2, which contains start timestamps. */
  readonly floatsXor2: boolean;
}

/** The parts of the head that a transaction reads and changes. */
export interface AppendTarget {
  readonly memory: HeadMemory;
  readonly encodings: HeadEncodings;
  readonly histogramChunks: HistogramChunks;
  readonly exemplars: ExemplarRing;
  readonly metadata: SeriesMetadata;
  readonly counters: HeadCounters;
  readonly outOfOrder: { readonly windowMs: number };
  readonly maxTime: number;
  /** Time in ms before which samples are refused as too old or out of order. */
  readonly minAppendTime: number;
  /** Id of the oldest open transaction, or of the newest transaction if none is open. */
  readonly oldestTransaction: number;
  minStartTime(timestamp: number): number;
  addSeries(labels: Labels): SeriesRow;
  seriesFromBytes(labels: LabelBytes, transaction: number): SeriesRow;
  share(row: SeriesRow): void;
  commit(transaction: Transaction): Promise<void>;
  rollback(transaction: Transaction): void;
}

/** A histogram sample that waits for the commit. */
export interface PendingHistogram {
  readonly ref: SeriesRef;
  readonly row: SeriesRow;
  readonly timestamp: number;
  readonly histogram: FloatHistogram;
  /** Time in ms when the counts of the histogram began at zero; 0 if unknown. */
  readonly start: number;
}

/**
 * Number of floats and of histograms before a batch of samples. The log has the floats of a batch before its
 * histograms, so a float after a histogram of the same series begins a new batch.
 */
export interface BatchStart {
  readonly floats: number;
  readonly histograms: number;
}

/**
 * A transaction that appends samples to the head. The transaction collects samples in columns and checks their order;
 * Head.commit() logs and applies them.
 */
export class Transaction implements Appender {
  readonly id: number;
  readonly samples: PendingSamples;
  readonly histograms: PendingHistogram[] = [];
  readonly exemplars: SeriesExemplar[] = [];
  readonly metadata: SeriesMetadataEntry[] = [];
  readonly batches: BatchStart[] = [{ floats: 0, histograms: 0 }];
  readonly #head: AppendTarget;
  /** Time in ms before which samples are out of order for every series. */
  minTime: number;
  /**
   * Whether the head is empty. In an empty head, the time of the first sample determines which samples are too old, as
   * in Prometheus.
   */
  #isFirst: boolean;
  /** Whether some samples of the transaction are out of order. */
  hasOutOfOrder = false;
  /**
   * Length of the out-of-order window, ms: an out-of-order sample may be this much older than the head's newest sample.
   */
  readonly #window: number;
  readonly #maxTime: number;
  readonly #ordersByCommitted: boolean;
  readonly #lastExemplars = new Map<SeriesRef, Exemplar>();
  /** Series with a histogram in the newest batch. */
  readonly #withHistograms = new Set<SeriesRow>();
  /** Number of series whose first native histogram is in this transaction. */
  #newHistogramSeries = 0;
  #open = true;

  constructor(head: AppendTarget, id: number, samples: PendingSamples, options: AppendOptions) {
    this.id = id;
    this.samples = samples;
    this.#head = head;
    this.minTime = Math.max(head.minAppendTime, -MAX_TIME_MS);
    this.#window = options.discardOutOfOrder === true ? 0 : head.outOfOrder.windowMs;
    this.#maxTime = Math.min(options.maxTimestamp ?? Infinity, MAX_TIME_MS);
    this.#ordersByCommitted = options.ordersByCommitted === true;
    this.#isFirst = this.#ordersByCommitted && head.maxTime === -Infinity;
  }

  series(labels: Labels): SeriesRef {
    invariant(this.#open, "the appender is not yet committed or rolled back");
    const { series } = this.#head.memory;
    let row = series.find(labels);
    if (row === 0) {
      if (!this.#head.memory.capacity.takesSeries(labels)) return NO_SERIES;
      row = this.#head.addSeries(labels);
      series.rows.setWriter(row, this.id, 0);
    }
    return series.at.ref[row]!;
  }

  seriesFromBytes(labels: LabelBytes): SeriesRef {
    invariant(
      this.#open && labels.length <= MAX_LABEL_BYTES,
      "the transaction is open and its labels are within the limit",
      {
        bytes: labels.length,
      },
    );
    const { series, capacity } = this.#head.memory;
    // Reserves memory for a new series first, because seriesFromBytes() adds symbols before it knows whether the series
    // exists.
    if (!capacity.tryReserveRoom(labels.count)) return this.series(labels.toLabels());
    // seriesFromBytes() must run before `at` is read, because the table replaces `at` when it grows.
    const row = this.#head.seriesFromBytes(labels, this.id);
    return series.at.ref[row]!;
  }

  findSeries(labels: Labels): SeriesRef {
    const { series } = this.#head.memory;
    const row = series.find(labels);
    return row === 0 ? NO_SERIES : series.at.ref[row]!;
  }

  get refusal(): string {
    return this.#head.memory.capacity.refusal;
  }

  append(batch: SampleBatch): void {
    invariant(this.#open, "the appender is not yet committed or rolled back");
    const words = wordsOf(batch.values);
    const { refs, timestamps, outcomes, count } = batch;
    if (!this.#head.memory.capacity.takesSamples(count)) {
      outcomes.fill(OUTCOME_FULL, 0, count);
      return;
    }
    this.samples.reserve(count);
    const { withStarts, startsAsZeros = false } = this.#head.encodings;
    const starts = withStarts ? (batch.starts ?? NO_STARTS) : startsAsZeros ? batch.starts : undefined;
    for (let i = 0; i < count; i++) {
      if (starts === undefined && !this.#isFirst) i = this.#appendRun(batch, words, i);
      if (i >= count) break;
      const start = storedStart(starts?.[i] ?? 0);
      outcomes[i] = this.#appendFloat(refs[i]!, timestamps[i]!, words[i * 2 + 1]!, words[i * 2]!, start);
    }
  }

  /**
   * Takes the samples from index `i` on in a fast path, and returns the index of the first sample that was not taken.
   * Stops at a sample that is not the newest of its series, or whose series has histograms or was already used in this
   * transaction.
   */
  #appendRun({ refs, timestamps, outcomes, count }: SampleBatch, words: Uint32Array, i: number): number {
    const { samples, id } = this;
    const { series } = this.#head.memory;
    const { writer, lastTime, openEncoding } = series.at;
    const { rows } = series;
    const minTime = this.minTime;
    const maxTime = this.#maxTime;
    const oldest = this.#head.oldestTransaction;
    let taken = samples.count;
    for (; i < count; i++) {
      const ref = refs[i]!;
      const time = timestamps[i]!;
      const row = series.rowOf(ref);
      if (row === 0 || writer[row] === id || openEncoding[row]! > ENCODING_XOR) break;
      if (!(time > lastTime[row]! && time >= minTime && time <= maxTime) || time !== Math.floor(time)) break;
      if (writer[row] !== 0 && !isBefore(writer[row]!, oldest)) this.#head.share(row);
      rows.setWriter(row, id, taken + 1);
      samples.set(taken++, ref, row, time, words[i * 2 + 1]!, words[i * 2]!);
      outcomes[i] = OUTCOME_OK;
    }
    samples.count = taken;
    return i;
  }

  #appendFloat(ref: SeriesRef, timestamp: number, high: number, low: number, start: number): number {
    const { series } = this.#head.memory;
    const row = series.rowOf(ref);
    if (row === 0) return this.#unknown(ref);
    const order = this.#order(row, timestamp);
    const afterHistogram = this.#endsInHistogram(row);
    if (afterHistogram && high === STALE_HIGH && low === STALE_LOW) {
      return this.appendHistogram(ref, timestamp, staleHistogram(this.#lastHistogram(row)!.integer ?? false));
    }
    if (order === OUTCOME_DUPLICATE) {
      return !afterHistogram && this.#hasLastValue(row, high, low) ? OUTCOME_OK : OUTCOME_DUPLICATE;
    }
    if (order === OUTCOME_WITHIN_WINDOW) {
      this.#claim(row);
      this.hasOutOfOrder = true;
      this.#addFloat(ref, row, timestamp, high, low, start);
      return OUTCOME_OK;
    }
    if (order !== OUTCOME_OK) return this.#refuse(order, false);
    if (this.#putsZero(row, start, timestamp)) this.#pushFloat(ref, row, start, 0, 0, 0);
    this.#pushFloat(ref, row, timestamp, high, low, this.#head.encodings.withStarts ? start : 0);
    return OUTCOME_OK;
  }

  /**
   * Returns whether a zero sample must be stored at the start time of this sample's counter. The caller has checked
   * that the sample itself is in order.
   */
  #putsZero(row: SeriesRow, start: number, timestamp: number): boolean {
    if (start === 0 || start >= timestamp || this.#head.encodings.startsAsZeros !== true) return false;
    return start >= this.#head.minStartTime(timestamp) && this.#order(row, start) === OUTCOME_OK;
  }

  #pushFloat(ref: SeriesRef, row: SeriesRow, timestamp: number, high: number, low: number, start: number): void {
    this.#take(row, this.samples.count + 1);
    this.#addFloat(ref, row, timestamp, high, low, start);
  }

  #addFloat(ref: SeriesRef, row: SeriesRow, timestamp: number, high: number, low: number, start: number): void {
    if (this.#withHistograms.has(row)) {
      this.batches.push({ floats: this.samples.count, histograms: this.histograms.length });
      this.#withHistograms.clear();
    }
    this.samples.push(ref, row, timestamp, high, low);
    this.samples.setStart(start);
  }

  #addHistogram(pending: PendingHistogram): void {
    this.#withHistograms.add(pending.row);
    this.histograms.push(pending);
  }

  appendHistogram(ref: SeriesRef, timestamp: number, histogram: FloatHistogram, startTime = 0): number {
    const counterStart = storedStart(startTime);
    invariant(this.#open, "the appender is not yet committed or rolled back");
    const row = this.#head.memory.series.rowOf(ref);
    if (row === 0) return this.#unknown(ref);
    // Checks first whether the time is out of bounds, because Prometheus reports that before an invalid histogram.
    const bounds = this.#bounds(timestamp);
    if (bounds !== OUTCOME_OK) return this.#refuse(bounds, true);
    if (histogramProblem(histogram) !== undefined) return OUTCOME_INVALID_HISTOGRAM;
    if (!this.#head.memory.capacity.takesSamples(1)) return OUTCOME_FULL;
    const start = this.#head.encodings.withStarts ? counterStart : 0;
    const order = this.#order(row, timestamp);
    if (order === OUTCOME_DUPLICATE) {
      const last = this.#lastHistogram(row);
      return last !== undefined && sameHistogram(last, histogram) ? OUTCOME_OK : OUTCOME_DUPLICATE;
    }
    if (order === OUTCOME_WITHIN_WINDOW) {
      if (!this.#hasRoomForHistogram(0)) return OUTCOME_FULL;
      this.#claim(row);
      this.hasOutOfOrder = true;
      this.#addHistogram({ ref, row, timestamp, histogram, start });
      return OUTCOME_OK;
    }
    if (order !== OUTCOME_OK) return this.#refuse(order, true);
    const isFirst = !this.#endsInHistogram(row);
    if (!this.#hasRoomForHistogram(isFirst ? this.#newHistogramSeries + 1 : 0)) return OUTCOME_FULL;
    if (isFirst) this.#newHistogramSeries++;
    if (this.#putsZero(row, counterStart, timestamp)) {
      this.#pushHistogram({ ref, row, timestamp: counterStart, histogram: emptyLike(histogram), start: 0 });
    }
    this.#pushHistogram({ ref, row, timestamp, histogram, start });
    return OUTCOME_OK;
  }

  /** @param newSeries number of series whose first native histogram is in this transaction */
  #hasRoomForHistogram(newSeries: number): boolean {
    return this.#head.memory.capacity.takesHistogram(newSeries, this.histograms.length);
  }

  #pushHistogram(pending: PendingHistogram): void {
    this.#take(pending.row, (HISTOGRAM_FLAG | (this.histograms.length + 1)) >>> 0);
    this.#addHistogram(pending);
  }

  appendExemplar(ref: SeriesRef, exemplar: Exemplar): number {
    invariant(this.#open, "the appender is not yet committed or rolled back");
    if (this.#head.exemplars.capacity === 0) return OUTCOME_OK;
    if (this.#head.memory.series.rowOf(ref) === 0) return OUTCOME_UNKNOWN_SERIES;
    if (isInvalid(exemplar)) return OUTCOME_INVALID_EXEMPLAR;
    const own = this.#ordersByCommitted ? undefined : this.#lastExemplars.get(ref);
    const order = exemplarOrder(own ?? this.#head.exemplars.lastOf(ref), exemplar);
    if (order === OUTCOME_OUT_OF_ORDER) this.#head.counters.exemplarsOutOfOrder++;
    if (order !== OUTCOME_OK) return order;
    this.#lastExemplars.set(ref, exemplar);
    this.exemplars.push({ ref, exemplar });
    return OUTCOME_OK;
  }

  appendMetadata(ref: SeriesRef, metadata: MetricMetadata): number {
    invariant(this.#open, "the appender is not yet committed or rolled back");
    if (this.#head.memory.series.rowOf(ref) === 0) return OUTCOME_UNKNOWN_SERIES;
    if (this.#head.metadata.differs(ref, metadata)) this.metadata.push({ ref, metadata });
    return OUTCOME_OK;
  }

  commit(): Promise<void> {
    invariant(this.#open, "the appender is not yet committed or rolled back");
    this.#open = false;
    return this.#head.commit(this);
  }

  rollback(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#head.rollback(this);
  }

  /** Checks whether a timestamp is too late, or too early for every series. Returns the outcome for the sample. */
  #bounds(timestamp: number): number {
    if (timestamp > this.#maxTime) return OUTCOME_OUT_OF_BOUNDS;
    if (this.#isFirst) {
      this.#isFirst = false;
      this.minTime = Math.max(this.#head.minStartTime(timestamp), -MAX_TIME_MS);
    }
    return this.#window === 0 && timestamp < this.minTime ? OUTCOME_TOO_OLD : OUTCOME_OK;
  }

  /**
   * Compares a timestamp with the newest sample of the series and returns the outcome. OUTCOME_DUPLICATE only means
   * that the timestamps are equal.
   */
  #order(row: SeriesRow, timestamp: number): number {
    if (timestamp !== Math.floor(timestamp)) invariant(false, "timestamps are whole milliseconds", { timestamp });
    const bounds = this.#bounds(timestamp);
    if (bounds !== OUTCOME_OK) return bounds;
    const lastTime = this.#countsOwn(row) ? this.#ownTime(row) : this.#head.memory.series.at.lastTime[row]!;
    if (timestamp >= this.minTime) {
      if (timestamp > lastTime) {
        // The sample is not newer than another sample of the series in this transaction. The commit applies the other
        // sample first, and then treats this sample as out of order.
        if (this.#ordersByCommitted && this.#isOwn(row) && timestamp <= this.#ownTime(row)) this.hasOutOfOrder = true;
        return OUTCOME_OK;
      }
      if (timestamp === lastTime) return OUTCOME_DUPLICATE;
    }
    if (this.#window === 0) return OUTCOME_OUT_OF_ORDER;
    return timestamp >= this.#head.maxTime - this.#window ? OUTCOME_WITHIN_WINDOW : OUTCOME_TOO_OLD;
  }

  /** Returns whether this transaction was the last one that appended to the series. */
  #isOwn(row: SeriesRow): boolean {
    const { at } = this.#head.memory.series;
    return at.writer[row] === this.id && at.writerIndex[row] !== 0;
  }

  #ownTime(row: SeriesRow): number {
    const index = this.#head.memory.series.at.writerIndex[row]!;
    return index >= HISTOGRAM_FLAG
      ? this.histograms[index - HISTOGRAM_FLAG - 1]!.timestamp
      : this.samples.timestamps[index - 1]!;
  }

  /**
   * Returns whether a new sample of the series must be compared with samples of this transaction instead of committed
   * samples.
   */
  #countsOwn(row: SeriesRow): boolean {
    return !this.#ordersByCommitted && this.#isOwn(row);
  }

  #isOwnHistogram(row: SeriesRow): boolean {
    return this.#head.memory.series.at.writerIndex[row]! >= HISTOGRAM_FLAG;
  }

  #endsInHistogram(row: SeriesRow): boolean {
    if (this.#countsOwn(row)) return this.#isOwnHistogram(row);
    return isHistogramEncoding(this.#head.memory.series.at.openEncoding[row]!);
  }

  #lastHistogram(row: SeriesRow): FloatHistogram | undefined {
    if (!this.#endsInHistogram(row)) return undefined;
    const index = this.#head.memory.series.at.writerIndex[row]!;
    return this.#countsOwn(row)
      ? this.histograms[index - HISTOGRAM_FLAG - 1]!.histogram
      : this.#head.histogramChunks.lastOf(row);
  }

  checkTime(timestamp: number): number {
    const bounds = this.#bounds(timestamp);
    return bounds === OUTCOME_OK ? bounds : this.#refuse(bounds, false);
  }

  newestFloat(ref: SeriesRef): number | undefined {
    const row = this.#head.memory.series.rowOf(ref);
    if (row === 0 || this.#endsInHistogram(row)) return undefined;
    const { words, slot } = this.#newest(row);
    return new Float64Array(Uint32Array.of(words[slot * 2]!, words[slot * 2 + 1]!).buffer)[0];
  }

  /** Returns the location of the newest float of a series: an array and the index in it. */
  #newest(row: SeriesRow): { readonly words: ArrayLike<number>; readonly slot: number } {
    const { at } = this.#head.memory.series;
    return this.#countsOwn(row)
      ? { words: this.samples.words, slot: at.writerIndex[row]! - 1 }
      : { words: at.lastValueWords, slot: row };
  }

  #hasLastValue(row: SeriesRow, high: number, low: number): boolean {
    const { words, slot } = this.#newest(row);
    return words[slot * 2] === low && words[slot * 2 + 1] === high;
  }

  /** Marks the series as used by this transaction, so that it is kept until the commit. */
  #claim(row: SeriesRow): void {
    if (this.#head.memory.series.at.writer[row] !== this.id) this.#take(row, 0);
  }

  /**
   * Records that this transaction has appended to the series. `index` is the index of its newest sample in the
   * transaction; 0 if the series has no sample yet.
   */
  #take(row: SeriesRow, index: number): void {
    const { at, rows } = this.#head.memory.series;
    const writer = at.writer[row]!;
    if (writer !== this.id && writer >= this.#head.oldestTransaction) this.#head.share(row);
    rows.setWriter(row, this.id, index);
  }

  /**
   * Returns the outcome of a sample whose series does not exist. If the series was refused because the head is full,
   * each of its samples is refused, too.
   */
  #unknown(ref: SeriesRef): number {
    if (ref !== NO_SERIES) return OUTCOME_UNKNOWN_SERIES;
    this.#head.memory.capacity.refusedSamples++;
    return OUTCOME_FULL;
  }

  #refuse(outcome: number, histogram: boolean): number {
    this.#head.counters.refuse(outcome, histogram, this.#window > 0);
    return outcome;
  }
}
