import { dirname, join } from "node:path";
import { type Labels, type Matcher, matchesAll } from "@narthex/model";
import { logOnChange, Mutex, type PreparedChange, runInTimeSlices, type StateLog } from "@narthex/runtime";
import type { Appendable, MetricMetadata, Queryable } from "@narthex/storage";
import type { BlockMeta } from "./block/meta.ts";
import { blockMetrics } from "./metrics/block-metrics.ts";
import type { BlockSet, DamagedBlock } from "./block-set/block-set.ts";
import type { Compactor } from "./compact/compactor.ts";
import type { AppendedCounts, Tsdb, TsdbOptions } from "./tsdb.ts";
import { DeletionsInLog } from "./deletion/deletions-in-log.ts";
import { deleteFromBlock, deleteFromHead } from "./deletion/delete-series.ts";
import { endOf, isOfStaleSeries } from "./block-set/block-hints.ts";
import type { DownsamplingRule } from "./downsample/rule.ts";
import { diskFiles, type Files } from "./files.ts";
import { folderBytes } from "./inspect/folder-size.ts";
import type { ExemplarSeries } from "./head/memory/exemplar-ring.ts";
import { shareHead } from "./head/query/attached-head.ts";
import { CHUNKS_HEAD_FOLDER } from "./head/chunk-files/head-chunk-file.ts";
import type { Head } from "./head/head.ts";
import type { OutOfOrderWindow } from "./head/out-of-order/out-of-order-window.ts";
import type { ReplayProgress } from "./head/replay/read-log.ts";
import { releaseFreePages } from "./head/memory/defragment.ts";
import type { Replay } from "./head/replay/replay.ts";
import type { StoredChunks } from "./head/chunk-files/stored-chunks.ts";
import type { MemorySnapshots } from "./head-snapshot/memory-snapshots.ts";
import { linkBlock } from "./block-set/link-block.ts";
import type { LogGap } from "./startup/log-gap.ts";
import type { FolderLock } from "./startup/folder-lock.ts";
import { writeHead, writeOutOfOrder } from "./maintenance/cut.ts";
import type { Maintenance } from "./maintenance/maintenance.ts";
import { writeHot } from "./maintenance/cold.ts";
import { cleanTombstones } from "./maintenance/merge.ts";
import { retain } from "./maintenance/retain.ts";
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
import type { Durability } from "./wal/durability.ts";
import type { WalTruncation } from "./wal/truncation.ts";
import type { SharedLogEnd } from "./wal/shared-log-end.ts";
import type { LogEnd, WalWriter } from "./wal/writer.ts";

/** Size in bytes of the cache for decoded chunks of blocks, which all reading threads share. */
const DECODED_BYTES = 64 * 1024 * 1024;
const MAINTENANCE_INTERVAL_MS = 60_000;

/** The content of a data folder whose log has been replayed. */
export interface OpenedFolder {
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

/** The parts of which startDb() builds a database. */
export interface DbParts extends OpenedFolder {
  readonly wal: WalWriter;
  readonly durability: Durability;
  readonly truncation: WalTruncation;
  readonly compression: WalCompression;
  readonly compactor: Compactor;
  readonly maintenance: Maintenance;
  readonly snapshots: MemorySnapshots;
  readonly replayStats: ReplayStats;
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
  readonly #maintenanceLog: StateLog;
  readonly #chunks: SharedChunks;
  readonly #changes = new Mutex();
  #cancel: () => void = () => {};
  #maintaining: Promise<void> | undefined;
  /** Whether an append has found the head to be full since the last maintenance (compaction and retention) began. */
  #noticed = false;
  #closed = false;

  constructor(dir: string, options: TsdbOptions, parts: DbParts) {
    const { head, blocks, downsampled, replayStats } = parts;
    this.#dir = dir;
    this.#options = options;
    this.#files = options.files ?? diskFiles;
    this.#parts = parts;
    this.replay = replayStats.progress;
    this.corruptions = replayStats.corruptions;
    this.#maintenanceLog = logOnChange(options.logger, "compacting");
    blocks.shared.onChange = (from) => head.invalidations.note(downsampled.blocks.length === 0 ? from : -Infinity);
    // Invalidates all cached values of queries after a change of the downsampled blocks, because the values may now
    // come from other blocks.
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
    this.#arm();
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
    return this.#parts.wal.end;
  }

  get sharedLogEnd(): SharedLogEnd {
    return this.#parts.wal.sharedEnd;
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
      ...walMetrics(this.#parts.wal, this.#parts.durability, this.#parts.compression),
      ...(log === undefined ? {} : outOfOrderLogMetrics(log, this.#parts.compression)),
      ...databaseMetrics({
        ...this.#parts.truncation.stats,
        replaySeconds: this.#parts.replayStats.replaySeconds,
        corruptions: this.corruptions,
        unknownReferences: replay.unknownReferences,
        cleanStart: lock === undefined ? -1 : lock.replaced ? 0 : 1,
        snapshotFailed: this.#parts.replayStats.snapshotFailed,
      }),
      prometheus_tsdb_mmap_chunk_corruptions_total: this.#parts.stored.files.corruptions,
      prometheus_tsdb_head_chunks_storage_size_bytes: folderBytes(join(this.#dir, CHUNKS_HEAD_FOLDER), this.#files),
      ...blockMetrics(blocks, this.#parts.maintenance, this.#parts.compactor.sizes),
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
      await this.#parts.durability.durable();
    });
  }

  async #deleteSamples(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void> {
    const { head, blocks, downsampled } = this.#parts;
    // Opens blocks that an earlier, failed compaction wrote completely.
    for (const set of [blocks, downsampled]) await set.prepare();
    retain(this.#parts.maintenance);
    const left = new DeletionsInLog();
    for (const block of blocks.blocks) {
      if (block.meta.minTime > maxTime || block.meta.maxTime <= minTime) continue;
      const visit = isOfStaleSeries(block.meta) && block.meta.maxTime > head.minValidTime ? left.add : undefined;
      // Publishes the deletions of this block to other threads before the next block is changed. Otherwise a thread
      // could see the deletions of the next block only.
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
    await this.#changes.runExclusive(() => cleanTombstones(this.#parts.maintenance));
  }

  async snapshot(dir: string, withHead: boolean): Promise<void> {
    await this.#changes.runExclusive(async () => {
      const { head, blocks } = this.#parts;
      this.#files.makeFolder(dir);
      for (const block of blocks.blocks) {
        if (block.isColumnar) await writeHot(this.#parts.maintenance, block, dir);
        else await linkBlock(block, dir, this.#files);
      }
      if (withHead && head.maxTime >= head.minTime) {
        await writeHead(this.#parts.maintenance, dir, head.minTime, head.maxTime + 1);
      }
      if (withHead) await writeOutOfOrder(this.#parts.maintenance, dir);
      for (const folder of [dir, dirname(dir)]) await this.#files.syncFolder(folder);
    });
  }

  prepareOutOfOrderTimeWindow(windowMs: number): PreparedChange {
    return this.#parts.outOfOrderWindow.prepare(windowMs);
  }

  applyStaleSeriesThreshold(share: number): void {
    this.#parts.maintenance.staleThreshold = share;
  }

  applyFloatChunkEncoding(encoding: "xor" | "xor2"): void {
    this.#parts.head.setFloatEncoding(encoding);
  }

  applyDownsampling(rules: readonly DownsamplingRule[]): void {
    this.#parts.maintenance.downsamplingRules = rules;
  }

  applyRetention(limits: RetentionLimits): void {
    this.#parts.maintenance.limits = limits;
  }

  async compactNow(): Promise<void> {
    await this.#changes.runExclusive(() => this.#parts.maintenance.compact());
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
    this.#parts.durability.stop();
    await this.#parts.compactor.stop();
    await this.#maintaining?.catch(() => {});
    await this.#changes.settled();
    await this.#parts.head.mutex.settled();
    await this.#parts.storageThread.stop();
    this.#parts.blocks.close();
    this.#parts.downsampled.close();
    try {
      const end =
        this.#options.memorySnapshotOnShutdown === true ? await this.#parts.snapshots.prepareLast() : undefined;
      await this.#parts.wal.close();
      await this.#parts.outOfOrderWindow.close();
      this.#parts.gap.end(this.#options.logger);
      if (end !== undefined) await this.#parts.snapshots.takeLast(end);
    } finally {
      this.#parts.stored.files.close();
      this.#parts.lock?.release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #tick(): Promise<void> {
    try {
      await this.#changes.runExclusive(async () => {
        for (const set of [this.#parts.blocks, this.#parts.downsampled]) await set.prepare();
        retain(this.#parts.maintenance);
        await this.#parts.maintenance.compact();
        await this.#parts.maintenance.compactStale();
      });
    } finally {
      await this.#parts.stored.store();
      await releaseFreePages(this.#parts.head.memory);
    }
    await this.#changes.runExclusive(() => this.#parts.snapshots.takeWhenDue(() => this.#closed));
  }

  /** Starts the maintenance if the head is full. Backfilled samples can fill the head between two runs of the timer. */
  #notice(): void {
    if (this.#noticed || this.#closed || !this.#parts.maintenance.mustCut) return;
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
