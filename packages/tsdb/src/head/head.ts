import { setImmediate } from "node:timers/promises";
import type { FloatHistogram, LabelBytes, Labels } from "@narthex/model";
import {
  type Appendable,
  type AppendOptions,
  OUTCOME_OK,
  OUTCOME_OUT_OF_ORDER,
  type Querier,
  type Queryable,
} from "@narthex/storage";
import { type Logger, Mutex } from "@narthex/runtime";
import { ENCODING_XOR } from "../chunk/xor.ts";
import type { PackedRecord } from "../wal/writer.ts";
import type { CommitLog } from "./append/commit-log.ts";
import { LoggedCommit } from "./append/logged-commit.ts";
import { exemplarOrder } from "./append/exemplar-order.ts";
import type { ChunkFiles } from "./chunk-files/chunk-files.ts";
import { StoredChunks } from "./chunk-files/stored-chunks.ts";
import { HeadCounters } from "./counters.ts";
import { ExemplarRing } from "./memory/exemplar-ring.ts";
import { CHUNK_RANGE_MS, FloatChunks, MAX_TIME_MS } from "./append/float-chunks.ts";
import { XorBatchEncoder } from "./replay/xor-batch-encoder.ts";
import { isBefore } from "./concurrency/commit-sequence.ts";
import { LongMap } from "../long-map.ts";
import { HeadMemory } from "./memory/head-memory.ts";
import { InvalidationLog } from "./concurrency/invalidation-log.ts";
import type { HeadLimits } from "./memory/head-capacity.ts";
import { HistogramChunks } from "./append/histogram-chunks.ts";
import { OutOfOrder } from "./out-of-order/out-of-order.ts";
import type { OutOfOrderSample } from "./out-of-order/out-of-order-sample.ts";
import { PendingSamples } from "./append/pending-samples.ts";
import { HeadSelectionCache } from "./query/selection-cache.ts";
import { HeadQuerier, type ReadableHead } from "./query/querier.ts";
import { ScrapedLabels } from "./memory/scraped-labels.ts";
import { SeriesMetadata } from "./memory/series-metadata.ts";
import type { SeriesRow } from "./memory/series-rows.ts";
import type { Tombstones } from "./memory/tombstones.ts";
import { isShort, oldestTime, slices } from "./append/slices.ts";
import { type AppendTarget, type HeadEncodings, type PendingHistogram, Transaction } from "./append/transaction.ts";
import type { Snapshot } from "./concurrency/undo-log.ts";
import { UnloggedSeries } from "./append/unlogged-series.ts";
import { Xor2Chunks } from "./append/xor2-chunks.ts";

const POOLED_BUFFERS = 8;
/** Smallest size of #shared at which entries of ended transactions are removed. */
const MIN_SHARED = 65_536;
/**
 * Upper limit for the bytes that one histogram bucket takes in a chunk (count, span and bound). The limit is doubled
 * for the growth of the chunk.
 */
const BUCKET_BYTES = 64;

export interface HeadSettings {
  /** Limits that are lower than the default limits of the head's tables. */
  readonly limits?: Partial<HeadLimits> | undefined;
  /** Time in ms before which samples are always refused. */
  readonly minValidTime?: number;
  readonly encodings?: HeadEncodings;
  /** Whether new chunks of histograms contain start timestamps. */
  readonly histogramStarts?: boolean;
  /** Files for closed chunks. Without them all chunks stay in memory. */
  readonly chunkFiles?: ChunkFiles;
  /** Logger for messages when a table is full. */
  readonly logger?: Logger;
}

/**
 * The head: the newest data of the database, with series and samples in memory. Each commit is written to the log
 * first.
 */
export class Head implements Appendable, AppendTarget, Queryable, ReadableHead {
  readonly memory: HeadMemory;
  readonly selections: HeadSelectionCache;
  readonly floats: FloatChunks;
  readonly histogramChunks: HistogramChunks;
  readonly xor2Chunks: Xor2Chunks;
  /**
   * Settings for data formats that earlier versions of Prometheus cannot read. These formats are off unless configured.
   */
  encodings: HeadEncodings;
  readonly exemplars: ExemplarRing;
  /** The chunk files; undefined if all chunks stay in memory. */
  readonly stored: StoredChunks | undefined;
  readonly outOfOrder: OutOfOrder;
  readonly counters = new HeadCounters();
  /** Log of the times from which samples have changed. Code that changes blocks also adds entries. */
  readonly invalidations = new InvalidationLog();
  readonly metadata = new SeriesMetadata();
  /** Mutex for commits and truncations of the head. */
  readonly mutex = new Mutex();
  /** Time of the newest sample, ms; -Infinity while the head is empty. */
  maxTime = -Infinity;
  /** Time in ms before which samples are always refused, whatever the newest sample. */
  minValidTime: number;
  /** The write-ahead log, which gets each commit first. Undefined during the replay of the log. */
  log: CommitLog | undefined;
  readonly #unlogged: UnloggedSeries;
  readonly #logged: LoggedCommit;
  /** Buffer for the labels of one series of a scrape. */
  readonly #scraped = new ScrapedLabels();
  #nextTransaction = 1;
  readonly #sharedMinTime = new Float64Array(new SharedArrayBuffer(8)).fill(Infinity);
  /** Open transactions by id. The value is the oldest time (ms) of a sample that the transaction may append. */
  readonly #openTransactions = new Map<number, number>();
  /**
   * Series to which several open transactions have appended, each with the newest transaction id at the last such
   * append. The series may be removed when all transactions up to this id have ended.
   */
  readonly #shared = new LongMap<SeriesRow, number>();
  /** Size of #shared at which entries of ended transactions are removed. */
  #maxShared = MIN_SHARED;
  /** Callbacks that run when a transaction ends. */
  #onEnd: (() => void)[] = [];
  readonly #pool: PendingSamples[] = [];
  readonly #chunkRange: number;

  /**
   * @param chunkRange length of the aligned time ranges, ms: a chunk never crosses the end of a range, so that blocks
   * can be cut between chunks
   */
  constructor(maxExemplars: number, chunkRange: number = CHUNK_RANGE_MS, settings: HeadSettings = {}) {
    const { minValidTime = -Infinity, encodings = { withStarts: false, floatsXor2: false }, chunkFiles } = settings;
    this.minValidTime = minValidTime;
    this.encodings = encodings;
    this.memory = new HeadMemory(undefined, settings.limits);
    this.memory.capacity.logger = settings.logger;
    this.memory.chunks.reader = chunkFiles?.reader;
    this.#unlogged = new UnloggedSeries(this.memory.series, () => this.log);
    this.#logged = new LoggedCommit(() => this.log, this.#unlogged);
    this.selections = new HeadSelectionCache(this.memory);
    this.#chunkRange = chunkRange;
    this.floats = new FloatChunks(this.memory, chunkRange);
    this.histogramChunks = new HistogramChunks(this.memory, this.floats, chunkRange, settings.histogramStarts);
    this.memory.capacity.openHistograms = () => this.histogramChunks.seriesCount;
    this.xor2Chunks = new Xor2Chunks(this.memory, this.floats, chunkRange);
    this.stored = chunkFiles === undefined ? undefined : new StoredChunks(this, chunkFiles);
    this.outOfOrder = new OutOfOrder(this.memory, this.stored);
    this.exemplars = new ExemplarRing(maxExemplars);
  }

  /** Time in ms before which samples are too old: as in Prometheus, half a chunk range before the newest sample. */
  get minAppendTime(): number {
    return Math.max(this.minValidTime, this.maxTime - this.#chunkRange / 2);
  }

  /**
   * Returns the earliest time for the zero sample at the start of a sample's counter, ms. In an empty head, the sample
   * is treated as the newest.
   */
  minStartTime(timestamp: number): number {
    return Math.max(this.minValidTime, (this.maxTime === -Infinity ? timestamp : this.maxTime) - this.#chunkRange / 2);
  }

  get tombstones(): Tombstones {
    return this.memory.tombstones;
  }

  get activeAppenders(): number {
    return this.#openTransactions.size;
  }

  /** Id of the newest transaction; 0 before the first transaction. */
  get newestTransaction(): number {
    return this.#nextTransaction - 1;
  }

  /** Id of the oldest open transaction. If no transaction is open, the id of the newest transaction. */
  get oldestTransaction(): number {
    return this.#openTransactions.keys().next().value ?? this.newestTransaction;
  }

  appender(options: AppendOptions = {}): Transaction {
    const id = this.#nextTransaction;
    this.#nextTransaction = id === 0xffffffff ? 1 : id + 1;
    this.#openTransactions.set(id, this.minAppendTime);
    // Clears the cached number of series that certainly fit into memory, because the replay of the log may have added
    // samples after it computed the number.
    this.memory.capacity.forgetCertainRoom();
    return new Transaction(this, id, this.#pool.pop() ?? new PendingSamples(), options);
  }

  /** Resolves when no open or later transaction can append samples before `time`. */
  async endOfTransactionsBefore(time: number): Promise<void> {
    const awaited = [...this.#openTransactions].filter(([, minTime]) => minTime < time).map(([id]) => id);
    while (awaited.some((id) => this.#openTransactions.has(id))) {
      await new Promise<void>((resolve) => this.#onEnd.push(resolve));
    }
  }

  querier(minTime: number, maxTime: number): Querier {
    return new HeadQuerier(this, minTime, maxTime);
  }

  async withSnapshot<T>(body: (snapshot: Snapshot) => T): Promise<T> {
    return body(this.memory.undo.snapshot());
  }

  /** Runs `body` at a time when no commit is partly applied. */
  async betweenCommits<T>(body: () => T): Promise<T> {
    while (this.memory.sequence.held) await this.mutex.settled();
    return body();
  }

  pin(): () => void {
    return this.memory.reclaimer.pin();
  }

  /** Adds a series. The series is logged together with later series, or by the next commit or rollback. */
  addSeries(labels: Labels): SeriesRow {
    let row: SeriesRow;
    this.memory.beginChange();
    try {
      row = this.memory.series.add(labels);
    } finally {
      this.memory.endChange();
    }
    this.counters.seriesCreated++;
    this.#unlogged.add(row);
    return row;
  }

  /**
   * Returns the row of the series with the given labels. Adds the series if it does not exist; the caller must have
   * checked that there is room. A new series cannot be removed before the transaction ends.
   */
  seriesFromBytes(labels: LabelBytes, transaction: number): SeriesRow {
    const { series, postings } = this.memory;
    const scraped = this.#scraped;
    let row: SeriesRow;
    scraped.take(labels, postings.removals);
    this.memory.beginChange();
    try {
      const known = series.findEncoded(scraped);
      if (known !== 0) return known;
      row = series.addEncoded(scraped);
    } finally {
      this.memory.endChange();
    }
    series.rows.setWriter(row, transaction, 0);
    this.counters.seriesCreated++;
    this.#unlogged.add(row);
    return row;
  }

  /**
   * Queues a series to be logged a second time, because its record in the log has another reference or no longer
   * exists.
   */
  requeueSeriesRecord(row: SeriesRow): void {
    this.#unlogged.add(row);
  }

  /** Logs the series that are not in the log yet. Throws the system's error. */
  logNewSeries(): void {
    this.#unlogged.log();
  }

  /** Returns whether an empty series may be removed, that is, whether no open transaction has appended to it. */
  isIdle(row: SeriesRow): boolean {
    if (this.#openTransactions.has(this.memory.series.at.writer[row]!)) return false;
    const newest = this.#shared.get(row);
    if (newest === undefined) return true;
    if (this.#openTransactions.size > 0 && !isBefore(newest, this.oldestTransaction)) return false;
    this.#shared.delete(row);
    return true;
  }

  /**
   * Records that a transaction uses a series that another open transaction may use, too. The series may be removed only
   * after both transactions have ended.
   */
  share(row: SeriesRow): void {
    if (this.#shared.size >= this.#maxShared) this.#forgetShared();
    this.#shared.set(row, this.newestTransaction);
  }

  /** Removes entries of #shared whose transactions have all ended. */
  #forgetShared(): void {
    const oldest = this.oldestTransaction;
    for (const [row, newest] of this.#shared) if (isBefore(newest, oldest)) this.#shared.delete(row);
    this.#maxShared = Math.max(MIN_SHARED, 2 * this.#shared.size);
  }

  /**
   * Logs the transaction, then makes it visible to readers. Rejects with the system's error if the log cannot be
   * written.
   */
  async commit(transaction: Transaction): Promise<void> {
    const oldest = oldestTime(transaction);
    this.invalidations.note(oldest);
    try {
      const mustSettle = transaction.hasOutOfOrder && this.outOfOrder.mustSettle;
      if (this.mutex.idle && isShort(transaction) && !mustSettle) this.#commitAtOnce(transaction);
      else await this.mutex.runExclusive(() => this.#commitInSlices(transaction));
    } finally {
      this.invalidations.note(oldest);
      this.#finish(transaction);
    }
    await this.log?.durable();
  }

  rollback(transaction: Transaction): void {
    this.#finish(transaction);
    this.#unlogged.tryLog();
  }

  #commitAtOnce(transaction: Transaction): void {
    const isPlain = isOfFloats(transaction);
    this.#logged.atOnce((log) => {
      if (isPlain) log.floats(transaction.samples, 0, transaction.samples.count);
      else for (const work of this.#logSlices(transaction, log)) work();
    });
    this.#change(() => {
      if (isPlain) this.#applyPlain(transaction);
      else for (const work of this.#applySlices(transaction)) work();
    });
  }

  async #commitInSlices(transaction: Transaction): Promise<void> {
    if (transaction.hasOutOfOrder && this.outOfOrder.mustSettle) await this.outOfOrder.settle();
    await this.#logged.inSteps((log, into) => this.#logSlices(transaction, log, into));
    const publish = this.memory.holdChanges();
    try {
      for (const work of this.#applySlices(transaction)) {
        this.#change(work);
        await setImmediate();
      }
    } finally {
      publish();
    }
  }

  #change(work: () => void): void {
    this.memory.beginChange();
    try {
      work();
    } finally {
      this.memory.endChange();
    }
  }

  /**
   * Encodes a transaction as log records, slice by slice. If `into` is given, collects the records in `into`, over
   * several turns of the event loop. Otherwise writes the records to the log.
   */
  *#logSlices(transaction: Transaction, log: CommitLog, into?: PackedRecord[]): Generator<() => void> {
    const { hasOutOfOrder, minTime, samples } = transaction;
    const isOutOfOrder = (row: SeriesRow, time: number): boolean =>
      time < minTime || time < this.memory.series.at.lastTime[row]!;
    yield () => log.metadata(transaction.metadata, into);
    for (const { from, to, histograms } of slices(transaction)) {
      yield () => {
        if (hasOutOfOrder) log.floatsInOrder(samples, isOutOfOrder, from, to, into);
        else log.floats(samples, from, to, into);
        log.histograms(
          hasOutOfOrder ? histograms.filter((it) => !isOutOfOrder(it.row, it.timestamp)) : histograms,
          into,
        );
      };
    }
    yield () => log.exemplars(transaction.exemplars, into);
  }

  *#applySlices(transaction: Transaction): Generator<() => void> {
    for (const part of slices(transaction)) {
      yield () => {
        this.#applyFloats(transaction, part.from, part.to);
        for (const sample of part.histograms) this.#applyHistogram(sample, transaction.minTime);
      };
    }
    for (const part of this.outOfOrder.takeStaged()) yield () => this.#finishOutOfOrder(part);
    yield () => {
      const { series } = this.memory;
      for (const { ref, metadata } of transaction.metadata) {
        if (series.rowOf(ref) !== 0) this.metadata.set(ref, metadata);
      }
      for (const { ref, exemplar } of transaction.exemplars) {
        const row = series.rowOf(ref);
        // Skips the exemplar if an equal or later exemplar of the series was added after this one was appended.
        if (row === 0 || exemplarOrder(this.exemplars.lastOf(ref), exemplar) !== OUTCOME_OK) continue;
        this.exemplars.add(ref, series.labelsOf(row), exemplar);
        this.counters.exemplarsAppended++;
      }
    };
  }

  /**
   * Applies a transaction that contains only floats, as nearly all scrapes do. Faster than #applySlices(), because it
   * needs no closure per step.
   */
  #applyPlain(transaction: Transaction): void {
    this.#applyFloats(transaction, 0, transaction.samples.count);
    for (const part of this.outOfOrder.takeStaged()) this.#finishOutOfOrder(part);
  }

  #finishOutOfOrder(staged: readonly OutOfOrderSample[]): void {
    this.#logged.reporting(() => {
      const inserted = this.outOfOrder.finish(staged);
      this.counters.floatsAppended += inserted.floats;
      this.counters.histogramsAppended += inserted.histograms;
    });
  }

  #applyFloats({ samples, hasOutOfOrder, minTime }: Transaction, from: number, to: number): void {
    const isPlain = !this.encodings.floatsXor2 && !hasOutOfOrder;
    for (let i = from; i < to; i++) {
      const next = isPlain ? this.floats.appendRun(samples, i, to) : i;
      this.counters.floatsAppended += next - i;
      for (; i < next; i++) this.seen(samples.timestamps[i]!);
      if (i < to) this.#applyFloat(samples, i, minTime);
    }
  }

  /**
   * Applies a float sample. A sample before `minTime` counts as out of order even if its series has no newer sample,
   * because a block may already contain samples of that time.
   */
  #applyFloat({ refs, rows, timestamps, words, starts }: PendingSamples, i: number, minTime: number): void {
    const { at } = this.memory.series;
    const row = rows[i]!;
    const time = timestamps[i]!;
    const high = words[i * 2 + 1]!;
    const low = words[i * 2]!;
    const start = starts?.[i] ?? 0;
    if (at.ref[row] !== refs[i]) this.counters.seriesNotFound++;
    else if (!this.memory.capacity.hasReserve) this.memory.capacity.refuseSamples(1);
    else if (time >= minTime && this.insertFloat(row, time, high, low, start)) this.counters.floatsAppended++;
    else if ((time < minTime || time < at.lastTime[row]!) && this.outOfOrder.accepts(time, this.maxTime)) {
      this.outOfOrder.stage({ row, ref: refs[i]!, time, high, low, start, histogram: undefined });
    } else this.counters.refuse(OUTCOME_OUT_OF_ORDER, false);
  }

  #applyHistogram({ ref, row, timestamp, histogram, start }: PendingHistogram, minTime: number): void {
    const { at } = this.memory.series;
    if (at.ref[row] !== ref) this.counters.seriesNotFound++;
    else if (!this.#hasRoomFor(row, histogram)) this.memory.capacity.refuseSamples(1);
    else if (timestamp >= minTime && this.insertHistogram(row, timestamp, histogram, start)) {
      this.counters.histogramsAppended++;
    } else if (
      (timestamp < minTime || timestamp < at.lastTime[row]!) &&
      this.outOfOrder.accepts(timestamp, this.maxTime)
    ) {
      this.outOfOrder.stage({ row, ref, time: timestamp, high: 0, low: 0, start, histogram });
    } else this.counters.refuse(OUTCOME_OUT_OF_ORDER, true);
  }

  /** Returns whether there is memory for the growth of the series' open chunk by this histogram. */
  #hasRoomFor(row: SeriesRow, histogram: FloatHistogram): boolean {
    const { capacity, series } = this.memory;
    if (!capacity.hasReserve) return false;
    const open = series.at.openBlock[row] === 0 ? 0 : series.at.openSize[row]!;
    const buckets = histogram.positiveBuckets.length + histogram.negativeBuckets.length;
    return capacity.fits(2 * open + BUCKET_BYTES * buckets);
  }

  /** Sets the encoding of float chunks. It applies from the next sample on. */
  setFloatEncoding(encoding: "xor" | "xor2"): void {
    const floatsXor2 = encoding === "xor2";
    this.encodings = { ...this.encodings, floatsXor2 };
    if (!floatsXor2) this.xor2Chunks.forgetAll();
  }

  /** Appends a sample to the open chunk of its series. Returns false if the series has a newer sample. */
  insertFloat(row: SeriesRow, time: number, high: number, low: number, start = 0): boolean {
    const { at } = this.memory.series;
    if (time <= at.lastTime[row]! || !(Math.abs(time) <= MAX_TIME_MS)) return false;
    this.memory.beforeChange(row);
    if (at.openEncoding[row]! > ENCODING_XOR) this.histogramChunks.end(row);
    if (this.encodings.floatsXor2) this.xor2Chunks.append(row, time, high, low, start);
    else this.floats.append(row, time, high, low);
    this.seen(time);
    return true;
  }

  insertHistogram(row: SeriesRow, time: number, histogram: FloatHistogram, start = 0): boolean {
    if (time <= this.memory.series.at.lastTime[row]! || !(Math.abs(time) <= MAX_TIME_MS)) return false;
    this.memory.beforeChange(row);
    this.histogramChunks.append(row, time, histogram, start);
    this.seen(time);
    return true;
  }

  /** Returns an encoder for many samples of one series. The replay of the log uses it. */
  xorBatchEncoder(): XorBatchEncoder {
    return new XorBatchEncoder(this.memory, this.floats, this.histogramChunks, this.#chunkRange);
  }

  /** Time of the oldest sample, ms; Infinity while the head is empty. */
  get minTime(): number {
    return this.#sharedMinTime[0]!;
  }

  set minTime(time: number) {
    this.#sharedMinTime[0] = time;
  }

  /** Shared memory with the head's minTime, so that other threads can read minTime. */
  get sharedMinTime(): SharedArrayBuffer {
    return this.#sharedMinTime.buffer;
  }

  /** Extends the time range of the head so that it includes `time`. */
  seen(time: number): void {
    if (time > this.maxTime) this.maxTime = time;
    if (time < this.minTime) this.minTime = time;
  }

  #finish(transaction: Transaction): void {
    this.#openTransactions.delete(transaction.id);
    if (this.#openTransactions.size === 0) this.#shared.clear();
    for (const wake of this.#onEnd.splice(0)) wake();
    transaction.samples.count = 0;
    this.memory.capacity.forgetCertainRoom();
    if (this.#pool.length < POOLED_BUFFERS) this.#pool.push(transaction.samples);
  }
}

/** Returns whether a transaction contains only floats that are in order. */
const isOfFloats = ({ histograms, exemplars, metadata, batches, hasOutOfOrder }: Transaction): boolean =>
  histograms.length + exemplars.length + metadata.length === 0 && batches.length === 1 && !hasOutOfOrder;
