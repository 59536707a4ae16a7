import { Cursor, DecodeError } from "@narthex/bytes";
import type { RemoteQueueConfig } from "@narthex/config";
import type { Labels, NameValidation, RelabelRule } from "@narthex/model";
import { type Clock, type Logger, TimeSlice } from "@narthex/runtime";
import {
  type HistogramSample,
  isHistogramRecord,
  listSegments,
  type LogEnd,
  LogTail,
  readExemplars,
  readHistogramRecord,
  readSamples,
  RECORD_EXEMPLARS,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  SampleRecord,
  type SeriesExemplar,
  type SharedLogEnd,
} from "@narthex/tsdb";
import { BatchSender } from "./batch-sender.ts";
import { Enqueuer } from "./enqueuer.ts";
import type { KeptPositions, ShardPosition } from "../position/kept-positions.ts";
import { comparePositions, type LogPosition } from "../position/log-position.ts";
import type { AppendedStats, QueueStats } from "./queue-stats.ts";
import { countRecord } from "./record-counts.ts";
import { SentSeries } from "../series/sent-series.ts";
import {
  newestCheckpoint,
  readCheckpointSeries,
  readKnownSeries,
  type SeriesVisitor,
  visitSeries,
} from "../series/series-reading.ts";
import { Resharding } from "./resharding.ts";
import { Shard } from "./shard.ts";
import type { WriteClient } from "../client/write-client.ts";

export interface RemoteQueueSettings {
  /** Key under which the queue's position in the log is stored. */
  readonly key: string;
  readonly version: 1 | 2;
  readonly externalLabels: Labels;
  readonly rules: readonly RelabelRule[];
  readonly scheme: NameValidation;
  readonly queue: RemoteQueueConfig;
  readonly sendExemplars: boolean;
  readonly sendNativeHistograms: boolean;
}

export interface RemoteQueueParts {
  /** Folder of the write-ahead log. */
  readonly dir: string;
  /** Position in the write-ahead log at which a new queue starts. */
  readonly now: LogEnd;
  /** Position up to which the write-ahead log may be read. */
  readonly logEnd: SharedLogEnd;
  readonly positions: KeptPositions;
  readonly client: Pick<WriteClient, "send">;
  readonly stats: QueueStats;
  readonly appended: AppendedStats;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Longest time in ms for which the log is read before the event loop can do other work. */
const SLICE_MS = 5;
/** Interval in ms at which the log is read while it has no new records. */
const POLL_MS = 100;
/**
 * Interval in ms at which the position is stored even without new entries. The queue also looks for a new checkpoint at
 * this interval.
 */
const UPKEEP_MS = 5000;
/** Maximum number of attempts to read the series of a log while its old part is being removed. */
const MAX_READINGS = 5;

/** Sends the entries of a write-ahead log to one destination, beginning at the stored position. */
export class RemoteQueue {
  readonly #settings: RemoteQueueSettings;
  readonly #parts: RemoteQueueParts;
  readonly #series: SentSeries;
  readonly #sender: BatchSender;
  readonly #abort = new AbortController();
  /** Controller of the signal that stops further attempts of requests in progress. */
  readonly #lastTry = new AbortController();
  readonly #wake = new AbortController();
  readonly #samples = new SampleRecord();
  readonly #visitor: SeriesVisitor;
  /** Visitor of series when the log is read a second time. Series that are already known stay unchanged. */
  readonly #renewal: SeriesVisitor;
  #enqueuer: Enqueuer | undefined;
  #resharding: Resharding | undefined;
  #tail: LogTail | undefined;
  /** Whether a part of the log was removed before it was read. Series that only occur in that part are unknown. */
  #hasGap = false;
  /** Position of the first entry to send. Earlier records are read only for their series. */
  #from: LogPosition;
  #checkpoint = -1;
  #stopped: Promise<void> | undefined;
  #isStopping = false;
  #isDraining = false;
  #run: Promise<void> | undefined;
  #cancelUpkeep: () => void = () => {};
  #kept = "";

  constructor(settings: RemoteQueueSettings, parts: RemoteQueueParts) {
    this.#settings = settings;
    this.#parts = parts;
    const { version, externalLabels, rules, scheme, queue } = settings;
    this.#series = new SentSeries({ version, externalLabels, rules, scheme });
    this.#sender = new BatchSender({
      ...parts,
      series: this.#series,
      version,
      queue,
      signal: this.#abort.signal,
      lastTry: this.#lastTry.signal,
    });
    this.#from = { ...parts.now, entry: -1 };
    this.#renewal = {
      series: (ref, labels, segment) => {
        if (this.#series.rowOf(ref) < 0) this.#series.store(ref, labels, segment);
        else this.#series.keep(ref, segment);
      },
      metadata: (ref, metadata) => {
        if (version === 2 && !this.#series.hasMetadata(ref)) this.#series.storeMetadata(ref, metadata);
      },
    };
    this.#visitor = {
      series: (ref, labels, segment) => this.#series.store(ref, labels, segment),
      metadata: (ref, metadata) => version === 2 && this.#series.storeMetadata(ref, metadata),
    };
  }

  start(): void {
    const { stats } = this.#parts;
    for (const pending of ["samplesPending", "exemplarsPending", "histogramsPending"] as const) stats.set(pending, 0);
    this.#run = this.#work();
  }

  /** Resolves when the queue has ended after stop(). Rejects if the queue ended because of an error. */
  get ended(): Promise<void> {
    return this.#run ?? Promise.resolve();
  }

  sendMetadata(message: Uint8Array, count: number): Promise<void> {
    return this.#sender.sendMetadata(message, count);
  }

  /**
   * Stops the queue. With `drain`, first sends all entries in the log; otherwise only finishes the requests in
   * progress. Stops after `deadlineMs` at the latest; the next queue with the same key sends the remaining entries.
   * While a queue is draining, a second call without `drain` stops it.
   */
  stop(drain: boolean, deadlineMs: number): Promise<void> {
    this.#stopped ??= this.#stop(drain, deadlineMs);
    if (!drain) this.#giveUp();
    return this.#stopped;
  }

  /** Drops all entries that are not being sent. */
  #giveUp(): void {
    this.#isDraining = false;
    this.#lastTry.abort();
    for (const shard of this.#enqueuer?.shards ?? []) shard.giveUp();
  }

  async #stop(drain: boolean, deadlineMs: number): Promise<void> {
    const cancel = this.#parts.clock.after(deadlineMs, () => {
      this.#giveUp();
      this.#abort.abort(new Error("the queue is stopped"));
    });
    this.#isStopping = true;
    this.#isDraining = drain;
    this.#wake.abort();
    try {
      await this.#run;
    } finally {
      // Waits for requests that may still be in progress after a failure, because their responses determine the stored
      // position.
      this.#giveUp();
      if (this.#enqueuer !== undefined) await this.#flush();
      this.#abort.abort(new Error("the queue is stopped"));
      cancel();
      this.#cancelUpkeep();
      this.#resharding?.stop();
      this.#tail?.close();
      await this.#keep();
    }
  }

  async #work(): Promise<void> {
    const { clock } = this.#parts;
    await this.#open();
    this.#maintainLater();
    const slice = new TimeSlice(clock, SLICE_MS);
    while (!this.#isOver()) {
      const count = this.#resharding!.takeWanted();
      if (count !== undefined) await this.#reshard(count);
      const record = this.#tail!.next();
      if (this.#hasGap) await this.#learnSeries();
      if (record !== undefined) {
        const waiting = this.#take(record);
        if (waiting !== undefined) await waiting;
        await slice.yieldToEventLoop();
        continue;
      }
      this.#enqueuer!.reached(this.#tail!.segment);
      if (this.#isStopping) break;
      await clock.sleep(POLL_MS, this.#wake.signal).catch(() => {});
    }
    await this.#flush();
  }

  /** Returns whether the queue should stop reading the log. */
  #isOver(): boolean {
    return this.#abort.signal.aborted || (this.#isStopping && !this.#isDraining);
  }

  /** Finds the position at which to start, and reads the series in the log before it. */
  async #open(): Promise<void> {
    const { dir, stats } = this.#parts;
    let shards = await this.#keptShards();
    for (let reading = 1; ; reading++) {
      const [first] = shards.map(({ acknowledged }) => acknowledged).toSorted(comparePositions);
      try {
        this.#checkpoint = await readKnownSeries(dir, first!.segment, this.#visitor);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || reading === MAX_READINGS) throw cause;
        continue;
      }
      if (first!.segment > this.#checkpoint) break;
      this.#logGap(`the log begins with segment ${this.#checkpoint + 1} now`, first!);
      const beginning = { segment: this.#checkpoint + 1, offset: 0, entry: -1 };
      shards = shards.map((shard) =>
        comparePositions(shard.acknowledged, beginning) < 0 ? { acknowledged: beginning, inFlight: undefined } : shard,
      );
    }
    const made = shards.map(({ acknowledged, inFlight }) => this.#shard(acknowledged, inFlight));
    const { version } = this.#settings;
    this.#enqueuer = new Enqueuer(this.#series, stats, version === 2, made);
    this.#from = this.#enqueuer.position;
    const start = { segment: this.#from.segment, offset: 0 };
    this.#tail = new LogTail(dir, start, {
      end: () => this.#parts.logEnd.get(),
      onGap: (reason, at) => {
        this.#hasGap = true;
        this.#logGap(reason, at);
      },
    });
    this.#resharding = new Resharding({
      ...this.#parts,
      queue: this.#settings.queue,
      sender: this.#sender,
      enqueuer: this.#enqueuer,
    });
    stats.set("shards", made.length);
    await this.#keep();
  }

  /**
   * Returns the stored positions of the shards. A position beyond the end of the log is replaced by the end of the log.
   * Such a position exists if the folder was restored from an incomplete copy.
   */
  async #keptShards(): Promise<readonly ShardPosition[]> {
    const { dir, now, positions } = this.#parts;
    const begin: LogPosition = { ...now, entry: -1 };
    const kept = await positions.load(this.#settings.key);
    if (kept === undefined) {
      return Array.from({ length: this.#settings.queue.minShards }, () => ({
        acknowledged: begin,
        inFlight: undefined,
      }));
    }
    // Uses the later of two positions as the end of the log. The end of the files may be later because the log has
    // grown, and `now` may be later because written content may not be in the file yet.
    const last = listSegments(dir).at(-1);
    const written: LogPosition = { segment: last?.index ?? -1, offset: last?.size ?? 0, entry: -1 };
    const end = comparePositions(written, begin) > 0 ? written : begin;
    return kept.map((shard) =>
      comparePositions(shard.acknowledged, end) > 0 ? { acknowledged: end, inFlight: undefined } : shard,
    );
  }

  #shard(acknowledged: LogPosition, inFlight: LogPosition | undefined): Shard {
    const { capacity, maxSamplesPerSend, batchSendDeadlineMs } = this.#settings.queue;
    return new Shard(
      {
        clock: this.#parts.clock,
        batchSize: maxSamplesPerSend,
        // Allows one more batch than the capacity, because one of the waiting batches is being sent.
        waitingBatches: Math.max(1, Math.floor(capacity / maxSamplesPerSend)) + 1,
        deadlineMs: batchSendDeadlineMs,
        send: (batch) => this.#sender.send(batch),
        keep: () => this.#keep(),
      },
      acknowledged,
      inFlight,
    );
  }

  /**
   * Adds the entries of a record to the shards. Returns undefined if all entries were added, otherwise a promise that
   * resolves when all are added.
   */
  #take(record: Uint8Array): Promise<void> | undefined {
    const { segment, offset } = this.#tail!.recordStart;
    const { stats } = this.#parts;
    stats.set("currentSegment", segment);
    countRecord(stats, record[0]);
    try {
      if (visitSeries(record, segment, this.#visitor)) return undefined;
      if (segment === this.#from.segment && offset < this.#from.offset) return undefined;
      return this.#takeEntries(record, segment, offset);
    } catch (cause) {
      if (!(cause instanceof DecodeError)) throw cause;
      stats.add("decodeFailures", 1);
      return undefined;
    }
  }

  #takeEntries(record: Uint8Array, segment: number, offset: number): Promise<void> | undefined {
    const type = record[0]!;
    const cursor = new Cursor(record, 1);
    const enqueuer = this.#enqueuer!;
    const { version, sendExemplars, sendNativeHistograms } = this.#settings;
    if (type === RECORD_SAMPLES || type === RECORD_SAMPLES_V2) {
      readSamples(cursor, type, this.#samples);
      const { count } = this.#samples;
      return this.#enqueue(count, (first) => enqueuer.samples(this.#samples, segment, offset, first));
    }
    if (isHistogramRecord(type) && (version === 2 || sendNativeHistograms)) {
      const samples: HistogramSample[] = [];
      readHistogramRecord(cursor, type, (sample) => samples.push(sample));
      return this.#enqueue(samples.length, (first) => enqueuer.histograms(samples, segment, offset, first));
    }
    if (type === RECORD_EXEMPLARS && sendExemplars) {
      const exemplars: SeriesExemplar[] = [];
      readExemplars(cursor, (entry) => exemplars.push(entry));
      return this.#enqueue(exemplars.length, (first) => enqueuer.exemplars(exemplars, segment, offset, first));
    }
    enqueuer.passed(segment, offset);
    return undefined;
  }

  /**
   * Adds entries to the shards, waiting for room.
   * @param take adds entries from an index on, and returns the index of the first entry without room
   */
  #enqueue(count: number, take: (first: number) => number): Promise<void> | undefined {
    const taken = take(0);
    return taken === count ? undefined : this.#enqueueRest(taken, count, take);
  }

  async #enqueueRest(taken: number, count: number, take: (first: number) => number): Promise<void> {
    for (let first = taken; first < count && !this.#isOver(); first = take(first)) {
      this.#parts.stats.add("enqueueRetries", 1);
      await this.#enqueuer!.full!.change;
    }
  }

  /**
   * Changes the number of shards. Waits until the shards are empty, so that the samples of each series are sent in
   * order.
   */
  async #reshard(count: number): Promise<void> {
    const enqueuer = this.#enqueuer!;
    await this.#flush();
    if (this.#isOver()) return;
    const { logger, stats } = this.#parts;
    logger.info("Resharding queues", { from: enqueuer.shards.length, to: count });
    enqueuer.shards = Array.from({ length: count }, () => this.#shard(enqueuer.position, undefined));
    stats.set("shards", count);
    await this.#keep();
  }

  async #flush(): Promise<void> {
    await Promise.all(this.#enqueuer!.shards.map((shard) => shard.flush()));
  }

  async #keep(): Promise<void> {
    const enqueuer = this.#enqueuer;
    if (enqueuer === undefined) return;
    const { position } = enqueuer;
    const shards = enqueuer.shards.map(({ isIdle, acknowledged, inFlight }): ShardPosition => {
      const isPassed = comparePositions(position, inFlight ?? acknowledged) > 0;
      return isIdle && isPassed ? { acknowledged: position, inFlight: undefined } : { acknowledged, inFlight };
    });
    this.#parts.stats.set(
      "oldestSegment",
      shards.map(({ acknowledged }) => acknowledged.segment).reduce((a, b) => Math.min(a, b), Infinity),
    );
    const text = JSON.stringify(shards);
    if (text === this.#kept) return;
    this.#kept = text;
    await this.#parts.positions.save(this.#settings.key, shards);
  }

  #maintainLater(): void {
    this.#cancelUpkeep = this.#parts.clock.after(UPKEEP_MS, async () => {
      await this.#keep();
      try {
        await this.#forgetSeries();
      } catch (cause) {
        this.#parts.logger.warn("reading the checkpoint failed", { err: cause });
      }
      if (!this.#isStopping) this.#maintainLater();
    });
  }

  /** Reads the series in the part of the log before the next record, after a part of the log was lost. */
  async #learnSeries(): Promise<void> {
    const { dir } = this.#parts;
    const { segment } = this.#tail!;
    this.#hasGap = false;
    for (let reading = 1; ; reading++) {
      try {
        this.#checkpoint = await readKnownSeries(dir, segment, this.#renewal);
        return;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== "ENOENT" || reading === MAX_READINGS) throw cause;
      }
    }
  }

  /**
   * Compares the known series with the newest checkpoint of the log. Removes series that the checkpoint does not
   * contain, and adds series of the checkpoint whose records in the log could not be read.
   */
  async #forgetSeries(): Promise<void> {
    const { dir } = this.#parts;
    const newest = newestCheckpoint(dir);
    // Keeps the series of entries that wait in the shards, because the series are needed until the receiver has the
    // entries.
    const waiting = this.#enqueuer!.shards.filter(({ isIdle }) => !isIdle);
    const needed = waiting
      .map(({ acknowledged }) => acknowledged.segment)
      .reduce((a, b) => Math.min(a, b), this.#tail!.segment);
    if (newest <= this.#checkpoint || needed <= newest) return;
    this.#checkpoint = await readCheckpointSeries(dir, this.#renewal);
    this.#series.forgetBefore(this.#checkpoint);
  }

  #logGap(reason: string, at: LogEnd): void {
    this.#parts.logger.warn("part of the log is not sent", { reason, segment: at.segment, offset: at.offset });
  }
}
