import { type Labels } from "@narthex/model";
import { logOnChange, Mutex, runInTimeSlices, type StateLog } from "@narthex/runtime";
import type { Appendable, Appender, AppendOptions, Exemplar, SeriesRef } from "@narthex/storage";
import type { FolderLock } from "../startup/folder-lock.ts";
import type { CommitLog } from "../head/append/commit-log.ts";
import { LoggedCommit, type LogSteps } from "../head/append/logged-commit.ts";
import { PendingSamples } from "../head/append/pending-samples.ts";
import { isShort, slices } from "../head/append/slices.ts";
import { UnloggedSeries } from "../head/append/unlogged-series.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import { type MetricTable, walMetrics } from "../metrics/self-metrics.ts";
import type { StorageThread } from "../storage-thread/storage-thread.ts";
import type { AppendedCounts } from "../tsdb.ts";
import type { Durability } from "../wal/durability.ts";
import { listSegments } from "../wal/segment.ts";
import type { WalTruncation } from "../wal/truncation.ts";
import type { SharedLogEnd } from "../wal/shared-log-end.ts";
import type { LogEnd, PackedRecord, WalWriter } from "../wal/writer.ts";
import type { AgentOptions, AgentTimes } from "./agent-options.ts";
import type { AgentSeries } from "./agent-series.ts";
import { type AgentTarget, AgentTransaction } from "./agent-transaction.ts";

const POOLED_BUFFERS = 8;
/**
 * Number of rows of the series table that are checked before the loop reads the clock to decide whether to yield to
 * other work.
 */
const ROWS_AT_ONCE = 1024;

/** The part of the log whose samples were sent to the remote storages. */
export interface SentLog {
  /** Time in ms up to which all remote write queues have sent the samples; 0 if it is not known. */
  readonly lowestTime: number;
  /**
   * Number of the oldest log segment that a remote write queue has not sent completely; Infinity if no queue waits for
   * a segment.
   */
  readonly oldestSegment: number;
}

/** The parts of which openAgent() builds an AgentStorage. */
export interface AgentParts {
  readonly lock: FolderLock | undefined;
  readonly series: AgentSeries;
  /** Time of the newest sample in each log segment, ms, by segment number. */
  readonly newest: Map<number, number>;
  readonly wal: WalWriter;
  readonly durability: Durability;
  readonly log: CommitLog;
  readonly truncation: WalTruncation;
  readonly storageThread: StorageThread;
  readonly times: AgentTimes;
  readonly replaySeconds: number;
  readonly corruptions: number;
}

/**
 * Storage of a server in agent mode, which only has a write-ahead log. The log keeps samples until they have been sent
 * to a remote storage; queries cannot read them. The memory contains the labels of the series and the time of each
 * series' newest sample.
 */
export class AgentStorage implements Appendable, AgentTarget {
  readonly series: AgentSeries;
  readonly newestExemplars = new Map<SeriesRef, Exemplar>();
  readonly withStarts: boolean;
  readonly startsAsZeros: boolean;
  outOfOrderWindowMs: number;
  outOfOrder = 0;
  /** Time of the newest sample since the start, ms; -Infinity before the first. */
  maxTime = -Infinity;
  readonly #options: AgentOptions;
  readonly #parts: AgentParts;
  readonly #mutex = new Mutex();
  readonly #open = new Set<AgentTransaction>();
  readonly #pool: PendingSamples[] = [];
  readonly #appended = { floats: 0, histograms: 0, exemplars: 0 };
  readonly #maintenanceLog: StateLog;
  /** Time of the newest sample in each log segment, ms, by segment number. */
  readonly #newest: Map<number, number>;
  readonly #unlogged: UnloggedSeries;
  readonly #logged: LoggedCommit;
  #lastTransaction = 0;
  /** Time in ms before which samples may be removed from the log. */
  #keptFrom = -Infinity;
  #sent: () => SentLog = () => ({ lowestTime: 0, oldestSegment: Infinity });
  #cancel: () => void = () => {};
  #truncating: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: AgentOptions, parts: AgentParts) {
    this.#options = options;
    this.#parts = parts;
    this.series = parts.series;
    this.#unlogged = new UnloggedSeries(
      parts.series,
      () => parts.log,
      (rows) => this.#claim(rows),
    );
    this.#logged = new LoggedCommit(() => parts.log, this.#unlogged);
    this.#newest = parts.newest;
    this.withStarts = options.startTimestamps === true;
    this.startsAsZeros = options.startsAsZeros === true;
    this.outOfOrderWindowMs = options.outOfOrderTimeWindowMs ?? 0;
    this.#maintenanceLog = logOnChange(options.logger, "truncating the WAL");
    this.#arm();
  }

  /**
   * Sets the function that reports which part of the log was sent. Samples that have not been sent stay in the log, at
   * most for `maxTimeMs`.
   */
  followedBy(sent: () => SentLog): void {
    this.#sent = sent;
  }

  /** Number of damaged log segments found since the start. */
  get corruptions(): number {
    return this.#parts.corruptions;
  }

  /** Returns the current end of the log: the position at which a new reader begins. */
  logEnd(): LogEnd {
    return this.#parts.wal.end;
  }

  get sharedLogEnd(): SharedLogEnd {
    return this.#parts.wal.sharedEnd;
  }

  /** Returns the numbers of samples, histograms and exemplars that were appended since the start. */
  appended(): AppendedCounts {
    return this.#appended;
  }

  appender(options: AppendOptions = {}): Appender {
    const samples = this.#pool.pop() ?? new PendingSamples();
    const transaction = new AgentTransaction(++this.#lastTransaction, this, samples, options);
    this.#open.add(transaction);
    return transaction;
  }

  addSeries(labels: Labels): SeriesRow {
    const row = this.series.add(labels);
    this.series.at.claimedBy[row] = Infinity;
    this.#unlogged.add(row);
    return row;
  }

  /** Writes the transaction to the log. Rejects with the system's error if the log cannot be written. */
  async commit(transaction: AgentTransaction): Promise<void> {
    try {
      const steps: LogSteps = (log, into) => this.#logSlices(transaction, log, into);
      if (!this.#mutex.idle || !isShort(transaction)) {
        await this.#mutex.runExclusive(() => this.#logged.inSteps(steps));
      } else {
        this.#logged.atOnce((log) => {
          for (const step of steps(log)) step();
        });
      }
      this.#take(transaction);
    } finally {
      this.#finish(transaction);
    }
    await this.#parts.log.durable();
  }

  rollback(transaction: AgentTransaction): void {
    this.#finish(transaction);
    this.#unlogged.tryLog();
  }

  /** Drops series without samples since `minTime` and replaces the older part of the log by a checkpoint. */
  truncate(minTime: number): Promise<void> {
    const run = this.#truncating.then(() => this.#truncate(minTime));
    this.#truncating = run.catch(() => {});
    return run;
  }

  /** Returns the metrics of the agent about itself. */
  collect(): MetricTable {
    const { wal, durability, truncation, lock, replaySeconds, corruptions } = this.#parts;
    const { stats } = truncation;
    const { floats, histograms, exemplars } = this.#appended;
    return {
      ...walMetrics(wal, durability, this.#options.walCompression ?? "snappy"),
      prometheus_tsdb_wal_truncations_total: stats.checkpoints,
      prometheus_tsdb_wal_truncations_failed_total: stats.failedTruncations,
      prometheus_agent_active_series: this.series.count,
      prometheus_agent_deleted_series: truncation.expiring,
      ...(floats > 0 ? { 'prometheus_agent_samples_appended_total{type="float"}': floats } : {}),
      ...(histograms > 0 ? { 'prometheus_agent_samples_appended_total{type="histogram"}': histograms } : {}),
      prometheus_agent_exemplars_appended_total: exemplars,
      prometheus_agent_out_of_order_samples_total: this.outOfOrder,
      prometheus_agent_truncate_duration_seconds_sum: stats.walTruncationSeconds,
      prometheus_agent_truncate_duration_seconds_count: stats.walTruncations,
      prometheus_agent_corruptions_total: corruptions,
      prometheus_agent_data_replay_duration_seconds: replaySeconds,
      prometheus_agent_checkpoint_creations_total: stats.checkpoints + stats.checkpointsFailed,
      prometheus_agent_checkpoint_creations_failed_total: stats.checkpointsFailed,
      prometheus_agent_checkpoint_deletions_total: stats.checkpointDeletions,
      prometheus_agent_checkpoint_deletions_failed_total: stats.checkpointDeletionsFailed,
      prometheus_agent_clean_start: lock === undefined ? -1 : lock.replaced ? 0 : 1,
    };
  }

  /** Syncs the log to the disk and releases the folder's lock. All appenders must have ended. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel();
    const { durability, storageThread, wal, lock } = this.#parts;
    durability.stop();
    await this.#truncating;
    await this.#mutex.settled();
    await storageThread.stop();
    try {
      await wal.close();
    } finally {
      lock?.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  *#logSlices(
    { batches, samples, histograms, exemplars }: AgentTransaction,
    log: CommitLog,
    into?: PackedRecord[],
  ): Generator<() => void> {
    for (const slice of slices({ batches, samples, histograms })) {
      yield () => {
        log.floats(samples, slice.from, slice.to, into);
        log.histograms(slice.histograms, into);
      };
    }
    yield () => log.exemplars(exemplars, into);
  }

  /**
   * Updates the time of the newest sample, and the newest exemplar, of each series in a transaction that was logged.
   */
  #take({ samples, histograms, exemplars }: AgentTransaction): void {
    const { lastTime } = this.series.at;
    let newest = -Infinity;
    for (let i = 0; i < samples.count; i++) {
      const row = samples.rows[i]!;
      const time = samples.timestamps[i]!;
      if (time >= lastTime[row]!) lastTime[row] = time;
      else this.outOfOrder++;
      if (time > newest) newest = time;
    }
    for (const { row, timestamp } of histograms) {
      if (timestamp >= lastTime[row]!) lastTime[row] = timestamp;
      else this.outOfOrder++;
      if (timestamp > newest) newest = timestamp;
    }
    for (const { ref, exemplar } of exemplars) this.newestExemplars.set(ref, exemplar);
    this.#appended.floats += samples.count;
    this.#appended.histograms += histograms.length;
    this.#appended.exemplars += exemplars.length;
    if (newest === -Infinity) return;
    this.maxTime = Math.max(this.maxTime, newest);
    const { segment } = this.#parts.wal;
    // One commit may write to two log segments, so its newest time is recorded for both segments.
    for (const index of [segment - 1, segment]) {
      this.#newest.set(index, Math.max(newest, this.#newest.get(index) ?? -Infinity));
    }
  }

  /**
   * Marks the series whose labels were just logged as in use by the newest transaction, because any open transaction
   * may have references to these series.
   */
  #claim(rows: readonly SeriesRow[]): void {
    const { claimedBy } = this.series.at;
    for (const row of rows) claimedBy[row] = this.#lastTransaction;
  }

  #finish(transaction: AgentTransaction): void {
    if (!this.#open.delete(transaction)) return;
    transaction.samples.count = 0;
    if (this.#pool.length < POOLED_BUFFERS) this.#pool.push(transaction.samples);
  }

  #arm(): void {
    this.#cancel = this.#options.clock.after(this.#parts.times.truncateFrequencyMs, () => {
      void this.#truncateNow().finally(() => {
        if (!this.#closed) this.#arm();
      });
    });
  }

  async #truncateNow(): Promise<void> {
    const { minTimeMs, maxTimeMs } = this.#parts.times;
    const oldest = this.#options.clock.now() - maxTimeMs;
    try {
      await this.truncate(Math.max(this.#sent().lowestTime - minTimeMs, 0, oldest));
      this.#maintenanceLog.succeeded();
    } catch (cause) {
      this.#maintenanceLog.failed(cause instanceof Error ? cause.message : String(cause));
    }
  }

  async #truncate(wanted: number): Promise<void> {
    const { wal, truncation } = this.#parts;
    // `minTime` never decreases, because series that an earlier truncation dropped may be missing in the log. `minTime`
    // is never later than the clock. Otherwise, after a clock was ahead for a while, all samples up to that time would
    // be dropped.
    const minTime = Math.max(wanted, Math.min(this.#keptFrom, this.#options.clock.now()));
    this.#keptFrom = minTime;
    await runInTimeSlices(this.#options.clock, this.#removing(minTime));
    await truncation.run(minTime, this.series.liveRefs(), { heldFrom: this.#heldFrom() });
    const first = listSegments(wal.dir, wal.files)[0]?.index ?? 0;
    for (const segment of this.#newest.keys()) if (segment < first) this.#newest.delete(segment);
  }

  /**
   * Returns the number of the oldest log segment to keep. Segments with unsent samples are kept, unless all their
   * samples are older than `maxTimeMs`.
   */
  #heldFrom(): number {
    const { wal, times } = this.#parts;
    const oldest = this.#options.clock.now() - times.maxTimeMs;
    let segment = this.#sent().oldestSegment;
    while (segment < wal.segment && (this.#newest.get(segment) ?? -Infinity) < oldest) segment++;
    return segment;
  }

  *#removing(minTime: number): Generator<undefined, void> {
    const { series } = this;
    const { truncation, wal } = this.#parts;
    this.#unlogged.tryLog();
    let oldestOpen = this.#oldestOpen();
    for (let row = 1; row < series.end; row++) {
      if (row % ROWS_AT_ONCE === 0) {
        yield undefined;
        oldestOpen = this.#oldestOpen();
      }
      const { ref, lastTime, claimedBy } = series.at;
      if (ref[row] === 0 || lastTime[row]! >= minTime || claimedBy[row]! >= oldestOpen) continue;
      this.newestExemplars.delete(ref[row]!);
      // Any segment up to the current one may contain samples of the series.
      truncation.keepUntil(ref[row]!, wal.segment);
      series.remove(row);
    }
  }

  /** Returns the id of the oldest open transaction; Infinity if no transaction is open. */
  #oldestOpen(): number {
    for (const { id } of this.#open) return id;
    return Infinity;
  }
}
