import type { Labels, Matcher } from "@narthex/model";
import type { Clock, Logger, PreparedChange } from "@narthex/runtime";
import type { Appendable, MetricMetadata, Queryable } from "@narthex/storage";
import type { BlockMeta } from "./block/meta.ts";
import type { DamagedBlock } from "./block-set/block-set.ts";
import type { DownsamplingRule } from "./downsample/rule.ts";
import type { Files } from "./files.ts";
import type { ThreadProgram } from "./job-thread.ts";
import type { ExemplarSeries } from "./head/memory/exemplar-ring.ts";
import type { ReplayProgress } from "./head/replay/read-log.ts";
import type { RetentionLimits } from "./maintenance/retention.ts";
import type { MetricTable } from "./metrics/self-metrics.ts";
import type { StorageShare } from "./share/attach-storage.ts";
import type { HeadStats } from "./metrics/stats.ts";
import type { WalCompression } from "./wal/compression.ts";
import type { FsyncPolicy } from "./wal/durability.ts";
import type { SharedLogEnd } from "./wal/shared-log-end.ts";
import type { LogEnd } from "./wal/writer.ts";

export const DEFAULT_BLOCK_MS = 2 * 3_600_000;

interface RetentionOptions {
  /**
   * Age from which blocks are dropped, ms: the time from the end of a block to the end of the newest block. 0 means no
   * limit. Default 15 d.
   */
  readonly retentionMs?: number | undefined;
  /**
   * Largest size of all data, bytes. If the data is larger, the oldest blocks are dropped. 0 means no limit. Default 0.
   */
  readonly retentionBytes?: number | undefined;
}

interface BlockOptions {
  /** Length of blocks that are written from the head, ms. Default 2 h. */
  readonly minBlockDurationMs?: number | undefined;
  /** Largest length of merged blocks, ms. Default a tenth of the time retention, at most 31 d. */
  readonly maxBlockDurationMs?: number | undefined;
  /** Whether blocks that overlap are merged. Default true. */
  readonly mergeOverlappingBlocks?: boolean | undefined;
  /** Delay before a full head is written to a block, ms; default 0. */
  readonly compactionDelayMs?: number | undefined;
  /**
   * If the share of stale series reaches this value, the stale series are moved to blocks early. 0 means never. Default
   * 0.
   */
  readonly staleSeriesThreshold?: number | undefined;
  /** Interval at which the folder is read again and blocks are written and merged, ms. Default 1 min. */
  readonly blockReloadIntervalMs?: number | undefined;
  /**
   * Age from which blocks are rewritten to columns, ms: the time from the end of the longest range into which a block
   * can be merged to the end of the newest block. The out-of-order window and the length of two blocks of the head are
   * lower limits. 0 means never. Default 0.
   */
  readonly coldAfterMs?: number | undefined;
  /** Rules for the downsampling of old samples. By default, samples are not downsampled. */
  readonly downsampling?: readonly DownsamplingRule[] | undefined;
  /**
   * JSON file that lists the uploaded blocks. Blocks that are not in it are not merged yet. By default blocks need no
   * upload.
   */
  readonly uploadedBlocksFile?: string | undefined;
  /** Largest size of a chunk segment of a block, bytes; default 512 MiB. */
  readonly chunkSegmentBytes?: number | undefined;
  /**
   * Whether chunks of blocks are written directly, bypassing the page cache, if system and disk support it; default
   * false.
   */
  readonly uncachedChunks?: boolean | undefined;
}

/** Options of the write-ahead log. */
export interface LogOptions {
  /** Compression of the log's records; default snappy. */
  readonly walCompression?: WalCompression | undefined;
  /** Size of a segment of the log, bytes; a multiple of 32 KiB. Default 128 MiB. */
  readonly walSegmentBytes?: number | undefined;
  /** When the log is synced; default `interval`. */
  readonly walFsync?: FsyncPolicy | undefined;
}

export interface HeadOptions {
  /** Number of exemplars to keep. Default 0, which keeps none. */
  readonly maxExemplars?: number | undefined;
  /**
   * Length of the out-of-order window, ms: how much older than the head's newest sample a sample may be. Default 0:
   * samples must be in order.
   */
  readonly outOfOrderTimeWindowMs?: number | undefined;
  /**
   * Whether close() writes a memory snapshot, from which the next start reads the newest chunks instead of reading the
   * log. Default false.
   */
  readonly memorySnapshotOnShutdown?: boolean | undefined;
  /**
   * Interval in ms at which memory snapshots are written while the database runs; 0 means never. A snapshot is written
   * earlier if the log has grown much, and later if it would be a large part of the log. After a kill, a start then
   * replays only the later part of the log. Default 0.
   */
  readonly memorySnapshotIntervalMs?: number | undefined;
  /**
   * Whether start timestamps are accepted and logged, in records that Prometheus can read from 3.14 on. Default false.
   * Without XOR2 chunks, start timestamps of floats are only in the log and are lost when it is truncated.
   */
  readonly startTimestamps?: boolean | undefined;
  /**
   * Encoding of new float chunks. XOR2 has room for start timestamps, and Prometheus can read it from 3.14 on. Default
   * xor.
   */
  readonly floatChunkEncoding?: "xor" | "xor2" | undefined;
  /** Whether new histogram chunks have room for start timestamps. Default false. */
  readonly histogramStartTimestamps?: boolean | undefined;
  /**
   * Whether a sample with a start timestamp adds a zero sample at that time, if the zero is newer than all samples of
   * the series. Default false.
   */
  readonly startsAsZeros?: boolean | undefined;
}

export interface OpeningOptions {
  /** Whether a lock prevents a second process from writing into the folder. Default true. */
  readonly lockFile?: boolean | undefined;
  /** Object that is updated during the replay of the log, for /status/walreplay. */
  readonly progress?: ReplayProgress | undefined;
  /** Signal that aborts the opening. */
  readonly signal?: AbortSignal | undefined;
}

/** Parts of the environment, such as clock and file system, that tests replace. */
export interface SystemOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Returns numbers in [0, 1) for the names of blocks; by default from the system's random numbers. */
  readonly random?: (() => number) | undefined;
  /** File system of the folder; by default the real one. The lock file is always in the real one. */
  readonly files?: Files | undefined;
  /** Code of the thread that writes blocks; by default the code in this package. */
  readonly compactionThread?: ThreadProgram | undefined;
  /** Code of the thread that checks and removes blocks; by default the code in this package. */
  readonly storageThread?: ThreadProgram | undefined;
}

export interface TsdbOptions
  extends RetentionOptions, BlockOptions, LogOptions, HeadOptions, OpeningOptions, SystemOptions {}

export interface AppendedCounts {
  readonly floats: number;
  readonly histograms: number;
  readonly exemplars: number;
}

/** A database in an open data folder. */
export interface Tsdb {
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  /** Times of the oldest and the newest sample, ms; Infinity and -Infinity if the database is empty. */
  readonly minTime: number;
  /**
   * Time from which on the database has all samples that were stored, ms; Infinity if it is empty. See
   * Querier.completeSince.
   */
  readonly completeSince: number;
  readonly maxTime: number;
  readonly replay: Readonly<ReplayProgress>;
  /** Number of damaged log segments found since the start (corruptionCount in runtimeinfo). */
  readonly corruptions: number;
  /**
   * Returns handles with which another thread reads the database by attachStorage(). The files must be in the real file
   * system.
   */
  share(): StorageShare;
  /** Returns the statistics for /status/tsdb; each list has at most `limit` entries. */
  stats(limit: number): Promise<HeadStats>;
  /** Returns the exemplars in [minTime, maxTime] of the series that any of the selectors accepts. */
  exemplars(minTime: number, maxTime: number, selectors: readonly (readonly Matcher[])[]): Promise<ExemplarSeries[]>;
  /** Changes the number of exemplars to keep. */
  resizeExemplars(capacity: number): void;
  /** Returns the metadata of all series, including metadata from the log. */
  metadata(): Iterable<readonly [Labels, MetricMetadata]>;
  /** Returns the current end of the log: the position at which a new reader begins. */
  logEnd(): LogEnd;
  /** The end of the log in shared memory, for threads that read the log while it is written. */
  readonly sharedLogEnd: SharedLogEnd;
  /** Returns the numbers of samples, histograms and exemplars appended since the start. */
  appended(): AppendedCounts;
  /** Returns the values of the self metrics. */
  collect(): MetricTable;
  /** Returns the readable blocks, oldest first. */
  blocks(): readonly BlockMeta[];
  /** Returns the unreadable blocks, each with the reason. */
  damagedBlocks(): readonly DamagedBlock[];
  /**
   * Deletes the current samples of the series that satisfy the matchers, from `minTime` to `maxTime`, both included,
   * ms.
   */
  deleteSeries(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void>;
  /** Rewrites blocks without their deleted samples. */
  cleanTombstones(): Promise<void>;
  /**
   * Writes blocks with all data into the folder `dir`. With `withHead` they include the data that is not in a block
   * yet.
   */
  snapshot(dir: string, withHead: boolean): Promise<void>;
  /**
   * Prepares another length of the out-of-order window, ms, which applies from the next transaction on. Throws the
   * system's error if the log of out-of-order samples cannot be created.
   */
  prepareOutOfOrderTimeWindow(windowMs: number): PreparedChange;
  /**
   * Sets the share of stale series at which the stale series are moved to blocks. The new share applies from the next
   * maintenance on.
   */
  applyStaleSeriesThreshold(share: number): void;
  /** Sets the encoding of new float chunks. It applies from the next commit on. */
  applyFloatChunkEncoding(encoding: "xor" | "xor2"): void;
  /** Sets the rules of downsampling. They apply from the next maintenance on. */
  applyDownsampling(rules: readonly DownsamplingRule[]): void;
  /** Sets the limits of the retention. They apply from the next maintenance on. */
  applyRetention(limits: RetentionLimits): void;
  /** Writes blocks from the head and merges blocks, until no job is left. */
  compactNow(): Promise<void>;
  /** Reads the folder again, drops data that exceeds the retention, and compacts. A timer calls it every minute. */
  maintain(): Promise<void>;
  /** Syncs the log to the disk and releases the folder's lock. All appenders must have ended. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
