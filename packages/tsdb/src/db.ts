import { dirname, join } from "node:path";
import { type Labels, type Matcher, matchesAll } from "@narthex/model";
import { logOnChange, Mutex, type PreparedChange, runInTimeSlices, type StateLog } from "@narthex/runtime";
import type { Appendable, MetricMetadata, Queryable } from "@narthex/storage";
import type { BlockMeta } from "./block/meta.ts";
import { blockMetrics } from "./metrics/block-metrics.ts";
import type { BlockSet, DamagedBlock } from "./block-set/block-set.ts";
import { CompactionDelay } from "./maintenance/compaction-delay.ts";
import { Compactor } from "./compact/compactor.ts";
import { PendingUploads } from "./maintenance/pending-uploads.ts";
import { blockRanges } from "./compact/plan.ts";
import { type AppendedCounts, DEFAULT_BLOCK_MS, type Tsdb, type TsdbOptions } from "./tsdb.ts";
import { DeletionsInLog } from "./deletion/deletions-in-log.ts";
import { deleteFromBlock, deleteFromHead } from "./deletion/delete-series.ts";
import { endOf, isOfStaleSeries } from "./block-set/block-hints.ts";
import type { DownsamplingRule } from "./downsample/rule.ts";
import { diskFiles, type Files } from "./files.ts";
import { folderBytes } from "./inspect/folder-size.ts";
import { CommitLog } from "./head/append/commit-log.ts";
import type { ExemplarSeries } from "./head/memory/exemplar-ring.ts";
import { shareHead } from "./head/query/attached-head.ts";
import { CHUNKS_HEAD_FOLDER } from "./head/chunk-files/head-chunk-file.ts";
import type { Head } from "./head/head.ts";
import type { OutOfOrderWindow } from "./head/out-of-order/out-of-order-window.ts";
import type { ReplayProgress } from "./head/replay/read-log.ts";
import { releaseFreePages } from "./head/memory/defragment.ts";
import type { Replay } from "./head/replay/replay.ts";
import type { StoredChunks } from "./head/chunk-files/stored-chunks.ts";
import { MemorySnapshots } from "./head-snapshot/memory-snapshots.ts";
import { listSnapshots } from "./head-snapshot/snapshot-folder.ts";
import { linkBlock } from "./block-set/link-block.ts";
import type { LogGap } from "./startup/log-gap.ts";
import type { FolderLock } from "./startup/folder-lock.ts";
import { writeHead, writeOutOfOrder } from "./maintenance/cut.ts";
import { Maintenance } from "./maintenance/maintenance.ts";
import { writeHot } from "./maintenance/cold.ts";
import { cleanTombstones } from "./maintenance/merge.ts";
import { retain } from "./maintenance/retain.ts";
import { removeSamplesInBlocks } from "./maintenance/truncate.ts";
import type { RetentionLimits } from "./maintenance/retention.ts";
import { completeSince } from "./select/complete-since.ts";
import { mergedQueryable } from "./select/merge.ts";
import type { StorageShare } from "./share/attach-storage.ts";
import { SharedChunks } from "./share/shared-chunks.ts";
import {
  databaseMetrics,
  headMetrics,
  type MetricTable,
  outOfOrderLogMetrics,
  walMetrics,
} from "./metrics/self-metrics.ts";
import { type HeadStats, headStats } from "./metrics/stats.ts";
import type { StorageThread } from "./storage-thread/storage-thread.ts";
import type { WalCompression } from "./wal/compression.ts";
import { Durability } from "./wal/durability.ts";
import { WalTruncation } from "./wal/truncation.ts";
import type { SharedLogEnd } from "./wal/shared-log-end.ts";
import { type LogEnd, WalWriter } from "./wal/writer.ts";

const DAY_MS = 86_400_000;
const DEFAULT_RETENTION_MS = 15 * DAY_MS;
const LONGEST_BLOCK_MS = 31 * DAY_MS;
/** Size in bytes of the cache for decoded chunks of blocks, which all reading threads share. */
const DECODED_BYTES = 64 * 1024 * 1024;
const MAINTENANCE_INTERVAL_MS = 60_000;

/** The parts of which openTsdb() builds a database. */
export interface DbParts {
  readonly lock: FolderLock | undefined;
  readonly head: Head;
  readonly stored: StoredChunks;
  readonly outOfOrderWindow: OutOfOrderWindow;
  readonly replay: Replay;
  readonly blocks: BlockSet;
  readonly downsampled: BlockSet;
  readonly storageThread: StorageThread;
  readonly gap: LogGap;
}

/** Numbers about the replay of the write-ahead log, for the database's own metrics. */
export interface ReplayStats {
  readonly progress: ReplayProgress;
  readonly replaySeconds: number;
  readonly corruptions: number;
  readonly lastSegment: number;
  /** Whether a memory snapshot was loaded, so that only the later part of the log was read. */
  readonly fromSnapshot: boolean;
  readonly snapshotFailed: boolean;
}

/** An open data folder whose log has been replayed. */
export class Db implements Tsdb {
  readonly replay: Readonly<ReplayProgress>;
  readonly corruptions: number;
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  readonly #dir: string;
  readonly #options: TsdbOptions;
  readonly #files: Files;
  readonly #parts: DbParts;
  readonly #replayStats: ReplayStats;
  readonly #wal: WalWriter;
  readonly #durability: Durability;
  readonly #truncation: WalTruncation;
  readonly #compression: WalCompression;
  readonly #compactor: Compactor;
  readonly #maintenance: Maintenance;
  readonly #maintenanceLog: StateLog;
  readonly #chunks: SharedChunks;
  readonly #snapshots: MemorySnapshots;
  /** Additional references of series in the logs, each mapped to the reference that the series has now. */
  readonly #aliases: ReadonlyMap<number, number>;
  /** Mutex for operations that change blocks. */
  readonly #changes = new Mutex();
  #cancel: () => void = () => {};
  #maintaining: Promise<void> | undefined;
  /** Whether a full head was noticed since the last maintenance (compaction and retention) began. */
  #noticed = false;
  #closed = false;

  private constructor(dir: string, options: TsdbOptions, parts: DbParts, replayStats: ReplayStats) {
    const { clock, logger } = options;
    const { head, blocks, downsampled } = parts;
    this.#dir = dir;
    this.#options = options;
    this.#files = options.files ?? diskFiles;
    this.#parts = parts;
    this.#replayStats = replayStats;
    this.replay = replayStats.progress;
    this.corruptions = replayStats.corruptions;
    this.#compression = options.walCompression ?? "snappy";
    this.#wal = new WalWriter(join(dir, "wal"), {
      compression: this.#compression,
      ...(options.walSegmentBytes === undefined ? {} : { segmentBytes: options.walSegmentBytes }),
      files: this.#files,
    });
    this.#durability = new Durability(this.#wal, {
      policy: options.walFsync ?? "interval",
      clock,
      otherLogs: () => (head.outOfOrder.log === undefined ? [] : [head.outOfOrder.log.wal]),
      syncing: logOnChange(logger, "syncing the WAL to the disk"),
      writing: logOnChange(logger, "writing the WAL (samples are refused meanwhile, queries continue)"),
    });
    this.#truncation = new WalTruncation(this.#wal, this.#compression, clock, (walDir, request) =>
      parts.storageThread.checkpoint(walDir, request),
    );
    for (const ref of parts.replay.aliases.keys()) {
      this.#truncation.keepUntil(ref, replayStats.lastSegment);
      this.#truncation.keepForSamples(ref, parts.head.maxTime);
    }
    if (replayStats.fromSnapshot) this.#truncation.keepAllTo(parts.head.maxTime);
    const { ref } = head.memory.series.at;
    this.#aliases = new Map([...parts.replay.aliases].map(([alias, row]) => [alias, ref[row]!]));
    this.#snapshots = this.#makeSnapshots();
    head.log = new CommitLog(this.#wal, this.#durability, options.startTimestamps === true);
    this.#compactor = new Compactor({
      files: this.#files,
      clock,
      logger,
      mutex: head.mutex,
      segmentBytes: options.chunkSegmentBytes,
      uncachedChunks: options.uncachedChunks,
      program: options.compactionThread,
    });
    this.#maintenance = this.#makeMaintenance();
    this.#maintenanceLog = logOnChange(logger, "compacting");
    blocks.shared.onChange = (from) => head.invalidations.note(downsampled.blocks.length === 0 ? from : -Infinity);
    // After a change of downsampled blocks all cached values of queries are invalid: they may come from other blocks
    // now.
    downsampled.shared.onChange = () => head.invalidations.note(-Infinity);
    this.#chunks = new SharedChunks(DECODED_BYTES, (block) =>
      (block.meta.downsampled === undefined ? blocks : downsampled).shared.numberOf(block),
    );
    this.queryable = mergedQueryable(
      head,
      () => blocks.blocks,
      () => [...blocks.unreadable, ...downsampled.unreadable],
      { decoded: this.#chunks.own, downsampled: () => downsampled.blocks },
    );
    this.appendable = {
      appender: (appendOptions) => {
        this.#notice();
        return head.appender(appendOptions);
      },
    };
  }

  /**
   * Finishes opening a database: removes samples from the head that blocks already contain, applies the retention and
   * starts the maintenance.
   */
  static async start(dir: string, options: TsdbOptions, parts: DbParts, replayStats: ReplayStats): Promise<Db> {
    const db = new Db(dir, options, parts, replayStats);
    await parts.outOfOrderWindow.repair();
    await removeSamplesInBlocks(db.#maintenance, replayStats.lastSegment);
    retain(db.#maintenance, true);
    db.#arm();
    return db;
  }

  get minTime(): number {
    return Math.min(this.#parts.head.minTime, this.#parts.blocks.blocks[0]?.meta.minTime ?? Infinity);
  }

  get completeSince(): number {
    const { head, blocks } = this.#parts;
    return completeSince(
      head.minTime,
      blocks.blocks.map(({ meta }) => meta),
    );
  }

  get maxTime(): number {
    return Math.max(this.#parts.head.maxTime, endOf(this.#parts.blocks.blocks) - 1);
  }

  share(): StorageShare {
    const head = shareHead(this.#parts.head);
    const chunks = this.#chunks.share();
    return {
      handles: {
        head: head.handles,
        blocks: this.#parts.blocks.shared.buffer,
        downsampled: this.#parts.downsampled.shared.buffer,
        chunks: chunks.handles,
      },
      release() {
        head.release();
        chunks.release();
      },
    };
  }

  async stats(limit: number): Promise<HeadStats> {
    const { head } = this.#parts;
    const unpin = head.pin();
    try {
      return await runInTimeSlices(this.#options.clock, headStats(head, limit));
    } finally {
      unpin();
    }
  }

  async exemplars(
    minTime: number,
    maxTime: number,
    selectors: readonly (readonly Matcher[])[],
  ): Promise<ExemplarSeries[]> {
    const steps = this.#parts.head.exemplars.selecting(minTime, maxTime, (labels) =>
      selectors.some((matchers) => matchesAll(matchers, labels)),
    );
    return runInTimeSlices(this.#options.clock, steps);
  }

  resizeExemplars(capacity: number): void {
    this.#parts.head.exemplars.resize(capacity);
  }

  *metadata(): Iterable<readonly [Labels, MetricMetadata]> {
    const { head } = this.#parts;
    const { series } = head.memory;
    for (const [ref, metadata] of head.metadata) {
      const row = series.rowOf(ref);
      if (row !== 0) yield [series.labelsOf(row), metadata];
    }
  }

  logEnd(): LogEnd {
    return this.#wal.end;
  }

  get sharedLogEnd(): SharedLogEnd {
    return this.#wal.sharedEnd;
  }

  appended(): AppendedCounts {
    const { floatsAppended, histogramsAppended, exemplarsAppended } = this.#parts.head.counters;
    return { floats: floatsAppended, histograms: histogramsAppended, exemplars: exemplarsAppended };
  }

  collect(): MetricTable {
    const { head, blocks, lock, replay } = this.#parts;
    const { log } = head.outOfOrder;
    return {
      ...headMetrics(head),
      ...walMetrics(this.#wal, this.#durability, this.#compression),
      ...(log === undefined ? {} : outOfOrderLogMetrics(log, this.#compression)),
      ...databaseMetrics({
        ...this.#truncation.stats,
        replaySeconds: this.#replayStats.replaySeconds,
        corruptions: this.corruptions,
        unknownReferences: replay.unknownReferences,
        cleanStart: lock === undefined ? -1 : lock.replaced ? 0 : 1,
        snapshotFailed: this.#replayStats.snapshotFailed,
      }),
      prometheus_tsdb_mmap_chunk_corruptions_total: this.#parts.stored.files.corruptions,
      prometheus_tsdb_head_chunks_storage_size_bytes: folderBytes(join(this.#dir, CHUNKS_HEAD_FOLDER), this.#files),
      ...blockMetrics(blocks, this.#maintenance, this.#compactor.sizes),
      ...lowestTime(this.minTime),
    };
  }

  blocks(): readonly BlockMeta[] {
    return this.#parts.blocks.blocks.map(({ meta }) => meta);
  }

  damagedBlocks(): readonly DamagedBlock[] {
    return [...this.#parts.blocks.damaged, ...this.#parts.downsampled.damaged];
  }

  async deleteSeries(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void> {
    await this.#changes.runExclusive(async () => {
      const { invalidations } = this.#parts.head;
      invalidations.note(minTime);
      try {
        await this.#deleteSamples(matchers, minTime, maxTime);
      } finally {
        invalidations.note(minTime);
      }
      await this.#durability.durable();
    });
  }

  async #deleteSamples(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void> {
    const { head, blocks, downsampled } = this.#parts;
    // Opens blocks that an earlier failed compaction has written.
    for (const set of [blocks, downsampled]) await set.prepare();
    retain(this.#maintenance);
    const left = new DeletionsInLog();
    for (const block of blocks.blocks) {
      if (block.meta.minTime > maxTime || block.meta.maxTime <= minTime) continue;
      const visit = isOfStaleSeries(block.meta) && block.meta.maxTime > head.minValidTime ? left.add : undefined;
      // Publishes the deletions of this block before the next block is changed. A thread that opens the next block must
      // also see the deletions of this one.
      if ((await deleteFromBlock(block, matchers, minTime, maxTime, visit)) > 0) blocks.republish();
    }
    for (const block of downsampled.blocks) {
      if ((await deleteFromBlock(block, matchers, minTime, maxTime)) > 0) downsampled.republish();
    }
    await left.log(head);
    await deleteFromHead(head, matchers, minTime, maxTime);
    await head.outOfOrder.log?.syncRemovals();
  }

  async cleanTombstones(): Promise<void> {
    await this.#changes.runExclusive(() => cleanTombstones(this.#maintenance));
  }

  async snapshot(dir: string, withHead: boolean): Promise<void> {
    await this.#changes.runExclusive(async () => {
      const { head, blocks } = this.#parts;
      this.#files.makeFolder(dir);
      for (const block of blocks.blocks) {
        if (block.isColumnar) await writeHot(this.#maintenance, block, dir);
        else await linkBlock(block, dir, this.#files);
      }
      if (withHead && head.maxTime >= head.minTime) {
        await writeHead(this.#maintenance, dir, head.minTime, head.maxTime + 1);
      }
      if (withHead) await writeOutOfOrder(this.#maintenance, dir);
      for (const folder of [dir, dirname(dir)]) await this.#files.syncFolder(folder);
    });
  }

  prepareOutOfOrderTimeWindow(windowMs: number): PreparedChange {
    return this.#parts.outOfOrderWindow.prepare(windowMs);
  }

  applyStaleSeriesThreshold(share: number): void {
    this.#maintenance.staleThreshold = share;
  }

  applyFloatChunkEncoding(encoding: "xor" | "xor2"): void {
    this.#parts.head.setFloatEncoding(encoding);
  }

  applyDownsampling(rules: readonly DownsamplingRule[]): void {
    this.#maintenance.downsamplingRules = rules;
  }

  applyRetention(limits: RetentionLimits): void {
    this.#maintenance.limits = limits;
  }

  async compactNow(): Promise<void> {
    await this.#changes.runExclusive(() => this.#maintenance.compact());
  }

  async maintain(): Promise<void> {
    this.#maintaining ??= this.#tick().finally(() => {
      this.#maintaining = undefined;
    });
    await this.#maintaining;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel();
    this.#durability.stop();
    await this.#compactor.stop();
    await this.#maintaining?.catch(() => {});
    await this.#changes.settled();
    await this.#parts.head.mutex.settled();
    await this.#parts.storageThread.stop();
    this.#parts.blocks.close();
    this.#parts.downsampled.close();
    try {
      const end = this.#options.memorySnapshotOnShutdown === true ? await this.#snapshots.prepareLast() : undefined;
      await this.#wal.close();
      await this.#parts.outOfOrderWindow.close();
      this.#parts.gap.end();
      if (end !== undefined) await this.#snapshots.takeLast(end);
    } finally {
      this.#parts.stored.files.close();
      this.#parts.lock?.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #makeSnapshots(): MemorySnapshots {
    const { head, stored } = this.#parts;
    const { clock, logger, memorySnapshotIntervalMs = 0 } = this.#options;
    return new MemorySnapshots({
      dir: this.#dir,
      head,
      stored,
      wal: this.#wal,
      files: this.#files,
      clock,
      logger,
      compression: this.#compression,
      aliases: this.#aliases,
      intervalMs: memorySnapshotIntervalMs,
    });
  }

  #makeMaintenance(): Maintenance {
    const { head, blocks, downsampled, stored } = this.#parts;
    const { clock, logger, mergeOverlappingBlocks = true, minBlockDurationMs = DEFAULT_BLOCK_MS } = this.#options;
    const { retentionMs = DEFAULT_RETENTION_MS, retentionBytes = 0 } = this.#options;
    const longest =
      this.#options.maxBlockDurationMs ??
      (retentionMs > 0 ? Math.min(retentionMs / 10, LONGEST_BLOCK_MS) : LONGEST_BLOCK_MS);
    const parts = {
      dir: this.#dir,
      files: this.#files,
      clock,
      logger,
      head,
      stored,
      blocks,
      downsampled,
      compactor: this.#compactor,
      wal: this.#wal,
      truncation: this.#truncation,
      ranges: blockRanges(minBlockDurationMs, longest),
      mergeOverlapping: mergeOverlappingBlocks,
      coldAfterMs: this.#options.coldAfterMs ?? 0,
      delay: new CompactionDelay(clock, this.#options.compactionDelayMs ?? 0),
      uploads: this.#pendingUploads(),
      random: this.#options.random,
      aliases: this.#aliases,
      gap: this.#parts.gap,
      otherBytes: () => this.#otherBytes(),
    };
    const maintenance = new Maintenance(parts, { timeMs: retentionMs, sizeBytes: retentionBytes });
    maintenance.staleThreshold = this.#options.staleSeriesThreshold ?? 0;
    maintenance.downsamplingRules = this.#options.downsampling ?? [];
    return maintenance;
  }

  /** Returns the size in bytes of all files except blocks. Memory snapshots are a large part of it if they are kept. */
  #otherBytes(): number {
    const folders = ["wal", "wbl", CHUNKS_HEAD_FOLDER].map((name) => join(this.#dir, name));
    const snapshots = listSnapshots(this.#dir, this.#files).map(({ path }) => path);
    return [...folders, ...snapshots].reduce((sum, path) => sum + folderBytes(path, this.#files), 0);
  }

  #pendingUploads(): PendingUploads | undefined {
    const { clock, logger, uploadedBlocksFile } = this.#options;
    return uploadedBlocksFile === undefined
      ? undefined
      : new PendingUploads(uploadedBlocksFile, this.#files, clock, logger);
  }

  async #tick(): Promise<void> {
    try {
      await this.#changes.runExclusive(async () => {
        for (const set of [this.#parts.blocks, this.#parts.downsampled]) await set.prepare();
        retain(this.#maintenance);
        await this.#maintenance.compact();
        await this.#maintenance.compactStale();
      });
    } finally {
      await this.#parts.stored.store();
      await releaseFreePages(this.#parts.head.memory);
    }
    await this.#changes.runExclusive(() => this.#snapshots.takeWhenDue(() => this.#closed));
  }

  /** Starts the maintenance if the head is full. Backfilled samples can fill the head between two runs of the timer. */
  #notice(): void {
    if (this.#noticed || this.#closed || !this.#maintenance.mustCut) return;
    this.#noticed = true;
    this.maintain().then(
      () => {
        this.#noticed = false;
        this.#maintenanceLog.succeeded();
      },
      (cause: unknown) => this.#failed(cause),
    );
  }

  #failed(cause: unknown): void {
    if (!this.#closed) this.#maintenanceLog.failed(cause instanceof Error ? cause.message : String(cause));
  }

  #arm(): void {
    this.#cancel = this.#options.clock.after(this.#options.blockReloadIntervalMs ?? MAINTENANCE_INTERVAL_MS, () => {
      this.#noticed = false;
      this.maintain()
        .then(() => this.#maintenanceLog.succeeded())
        .catch((cause: unknown) => this.#failed(cause))
        .finally(() => {
          if (!this.#closed) this.#arm();
        });
    });
  }
}

const lowestTime = (time: number): MetricTable =>
  time === Infinity
    ? {}
    : { prometheus_tsdb_lowest_timestamp: time, prometheus_tsdb_lowest_timestamp_seconds: time / 1000 };
