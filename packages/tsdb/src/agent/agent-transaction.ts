import { type FloatHistogram, histogramProblem, type Labels, wordsOf } from "@narthex/model";
import { invariant } from "@narthex/runtime";
import {
  type Appender,
  type AppendOptions,
  type Exemplar,
  NO_SERIES,
  OUTCOME_DUPLICATE,
  OUTCOME_FULL,
  OUTCOME_INVALID_EXEMPLAR,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_UNKNOWN_SERIES,
  type SampleBatch,
  type SeriesRef,
} from "@narthex/storage";
import { emptyLike } from "../chunk/histogram-shape.ts";
import { MAX_TIME_MS, storedStart } from "../head/append/float-chunks.ts";
import { exemplarOrder, isInvalid } from "../head/append/exemplar-order.ts";
import type { PendingSamples } from "../head/append/pending-samples.ts";
import type { BatchStart, PendingHistogram } from "../head/append/transaction.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import type { SeriesExemplar } from "../wal/records.ts";
import type { AgentSeries } from "./agent-series.ts";

/** The parts of an agent's storage that a transaction uses. */
export interface AgentTarget {
  readonly series: AgentSeries;
  /** Time in ms by which a sample may be older than the newest sample of its series. */
  readonly outOfOrderWindowMs: number;
  /** Whether the start timestamps of counters are logged. */
  readonly withStarts: boolean;
  /** Whether the log gets a sample with the value zero at the start time of a counter. */
  readonly startsAsZeros: boolean;
  readonly newestExemplars: Map<SeriesRef, Exemplar>;
  outOfOrder: number;
  addSeries(labels: Labels): SeriesRow;
  commit(transaction: AgentTransaction): Promise<void>;
  rollback(transaction: AgentTransaction): void;
}

/**
 * A transaction that appends samples to an agent's log. Like Prometheus' agent, it compares a sample with the newest
 * committed sample of its series. Samples of the same transaction are not compared with each other.
 */
export class AgentTransaction implements Appender {
  /** Number of the transaction. Later transactions have greater numbers. */
  readonly id: number;
  readonly samples: PendingSamples;
  readonly histograms: PendingHistogram[] = [];
  readonly exemplars: SeriesExemplar[] = [];
  /**
   * Positions in the lists of floats and histograms at which batches begin. A float after a histogram of the same
   * series begins a new batch, so that the log keeps the order of the two samples.
   */
  readonly batches: BatchStart[] = [{ floats: 0, histograms: 0 }];
  readonly #agent: AgentTarget;
  readonly #maxTime: number;
  readonly #window: number;
  /** References of series that have a histogram in the current batch. */
  readonly #withHistogram = new Set<SeriesRef>();
  /** Times in ms of zero samples (at start times of counters) that are not committed yet, by row of the series. */
  readonly #zeros = new Map<SeriesRow, number>();
  /** The newest exemplars that are not committed yet, by reference of the series. */
  readonly #newestExemplars = new Map<SeriesRef, Exemplar>();
  #open = true;
  #refusal = "";

  constructor(id: number, agent: AgentTarget, samples: PendingSamples, options: AppendOptions) {
    this.id = id;
    this.#agent = agent;
    this.samples = samples;
    this.#maxTime = Math.min(options.maxTimestamp ?? Infinity, MAX_TIME_MS);
    this.#window = options.discardOutOfOrder === true ? 0 : agent.outOfOrderWindowMs;
  }

  get refusal(): string {
    return this.#refusal;
  }

  series(labels: Labels): SeriesRef {
    this.#checkOpen();
    const { series } = this.#agent;
    let row = series.find(labels);
    if (row === 0) {
      const lacking = series.lacksRoomFor(labels);
      if (lacking !== undefined) {
        this.#refusal = lacking;
        return NO_SERIES;
      }
      row = this.#agent.addSeries(labels);
    }
    return this.#claimed(row);
  }

  findSeries(labels: Labels): SeriesRef {
    const { series } = this.#agent;
    const row = series.find(labels);
    return row === 0 ? NO_SERIES : this.#claimed(row);
  }

  append(batch: SampleBatch): void {
    this.#checkOpen();
    const { refs, timestamps, outcomes, count, starts } = batch;
    const words = wordsOf(batch.values);
    const { series, withStarts, startsAsZeros } = this.#agent;
    const { samples } = this;
    samples.reserve(startsAsZeros && starts !== undefined ? 2 * count : count);
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!;
      const time = timestamps[i]!;
      const row = series.rowOf(ref);
      const outcome = this.#outcomeOf(row, ref, time);
      outcomes[i] = outcome;
      if (outcome !== OUTCOME_OK) continue;
      const start = storedStart(starts?.[i] ?? 0);
      if (this.#withHistogram.size > 0 && this.#withHistogram.has(ref)) this.#beginBatch();
      if (startsAsZeros && this.#putsZero(row, start, time)) this.#push(ref, row, start, 0, 0, 0);
      this.#push(ref, row, time, words[i * 2 + 1]!, words[i * 2]!, withStarts ? start : 0);
    }
  }

  appendHistogram(ref: SeriesRef, timestamp: number, histogram: FloatHistogram, startTime = 0): number {
    this.#checkOpen();
    const start = storedStart(startTime);
    if (histogramProblem(histogram) !== undefined) return OUTCOME_INVALID_HISTOGRAM;
    const { series, withStarts, startsAsZeros } = this.#agent;
    const row = series.rowOf(ref);
    const outcome = this.#outcomeOf(row, ref, timestamp);
    if (outcome !== OUTCOME_OK) return outcome;
    if (startsAsZeros && this.#putsZero(row, start, timestamp)) {
      this.histograms.push({ ref, row, timestamp: start, histogram: emptyLike(histogram), start: 0 });
    }
    this.histograms.push({ ref, row, timestamp, histogram, start: withStarts ? start : 0 });
    this.#withHistogram.add(ref);
    return OUTCOME_OK;
  }

  appendExemplar(ref: SeriesRef, exemplar: Exemplar): number {
    this.#checkOpen();
    const { series, newestExemplars } = this.#agent;
    const row = series.rowOf(ref);
    if (row === 0) return OUTCOME_UNKNOWN_SERIES;
    if (isInvalid(exemplar)) return OUTCOME_INVALID_EXEMPLAR;
    // As in Prometheus' agent, only a repeated exemplar is refused. Exemplars that are out of order are accepted,
    // because the remote storage sorts them.
    const newest = this.#newestExemplars.get(ref) ?? newestExemplars.get(ref);
    if (exemplarOrder(newest, exemplar) === OUTCOME_DUPLICATE) return OUTCOME_DUPLICATE;
    this.#newestExemplars.set(ref, exemplar);
    this.#claimed(row);
    this.exemplars.push({ ref, exemplar });
    return OUTCOME_OK;
  }

  commit(): Promise<void> {
    this.#checkOpen();
    this.#open = false;
    return this.#agent.commit(this);
  }

  rollback(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#agent.rollback(this);
  }

  #checkOpen(): void {
    invariant(this.#open, "the appender is not yet committed or rolled back");
  }

  #outcomeOf(row: SeriesRow, ref: SeriesRef, time: number): number {
    if (row === 0) return ref === NO_SERIES ? OUTCOME_FULL : OUTCOME_UNKNOWN_SERIES;
    if (time !== Math.floor(time)) invariant(false, "timestamps are whole milliseconds", { time });
    if (time > this.#maxTime || time < -MAX_TIME_MS) return OUTCOME_OUT_OF_BOUNDS;
    if (time > this.#newest(row) - this.#window) {
      this.#claimed(row);
      return OUTCOME_OK;
    }
    this.#agent.outOfOrder++;
    return OUTCOME_OUT_OF_ORDER;
  }

  /**
   * Returns the time with which the next sample of a series is compared: the time of the newest committed sample, or of
   * a later zero sample of this transaction.
   */
  #newest(row: SeriesRow): number {
    const committed = this.#agent.series.at.lastTime[row]!;
    return this.#zeros.size === 0 ? committed : Math.max(committed, this.#zeros.get(row) ?? -Infinity);
  }

  /**
   * Returns whether a sample with the start time `start` needs a zero sample before it, and remembers the zero sample.
   * Later samples of the series in this transaction then need no zero sample.
   */
  #putsZero(row: SeriesRow, start: number, time: number): boolean {
    if (start === 0 || start >= time || start <= this.#newest(row)) return false;
    this.#zeros.set(row, start);
    return true;
  }

  /** Returns the reference of a series, and prevents its removal until this transaction has ended. */
  #claimed(row: SeriesRow): SeriesRef {
    const { ref, claimedBy } = this.#agent.series.at;
    if (claimedBy[row]! < this.id) claimedBy[row] = this.id;
    return ref[row]!;
  }

  #push(ref: SeriesRef, row: SeriesRow, time: number, high: number, low: number, start: number): void {
    this.samples.push(ref, row, time, high, low);
    this.samples.setStart(start);
  }

  #beginBatch(): void {
    this.batches.push({ floats: this.samples.count, histograms: this.histograms.length });
    this.#withHistogram.clear();
  }
}
