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

export interface TsdbOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Blocks that end at least this long before the newest one are dropped, ms; 0 for no limit. Default 15 d. */
  readonly retentionMs?: number | undefined;
  /** The oldest blocks are dropped if all data takes more than this, bytes; default 0, no limit. */
  readonly retentionBytes?: number | undefined;
  /** Length of blocks cut from the head, ms. Default 2 h. */
  readonly minBlockDurationMs?: number | undefined;
  /** Blocks are merged up to this length, ms. Default a tenth of the time retention, at most 31 d. */
  readonly maxBlockDurationMs?: number | undefined;
  /**
   * Blocks are rewritten to columns when the longest range that they can be merged into ended this long before the
   * newest block, ms. Lower limits are the out-of-order window and two blocks of the head. Default 0, never.
   */
  readonly coldAfterMs?: number | undefined;
  /** Rules for the downsampling of old samples; default none. */
  readonly downsampling?: readonly DownsamplingRule[] | undefined;
  /** Whether blocks that overlap are merged. Default true. */
  readonly mergeOverlappingBlocks?: boolean | undefined;
  /** Delay before a full head is cut, ms; default 0. */
  readonly compactionDelayMs?: number | undefined;
  /** JSON file of uploaded blocks: blocks that it lacks are not merged yet. Default: no uploads. */
  readonly uploadedBlocksFile?: string | undefined;
  /** Largest size of a chunk segment of a block, bytes; default 512 MiB. */
  readonly chunkSegmentBytes?: number | undefined;
  /** Whether chunks of blocks are written past the page cache, if system and disk can; default false. */
  readonly uncachedChunks?: boolean | undefined;
  /** Program of the thread that writes blocks; default: the one of this package. */
  readonly compactionThread?: ThreadProgram | undefined;
  /** Program of the thread that checks and removes blocks; default: the one of this package. */
  readonly storageThread?: ThreadProgram | undefined;
  /** Stale series are moved to blocks early if their share is at least this; default 0, never. */
  readonly staleSeriesThreshold?: number | undefined;
  /** How often the folder is read and blocks are cut and merged, ms. Default 1 min. */
  readonly blockReloadIntervalMs?: number | undefined;
  /** Default snappy. */
  readonly walCompression?: WalCompression | undefined;
  /** Multiple of 32 KiB; default 128 MiB. */
  readonly walSegmentBytes?: number | undefined;
  /** Default interval. */
  readonly walFsync?: FsyncPolicy | undefined;
  readonly walFsyncIntervalMs?: number | undefined;
  /** Number of exemplars to keep; default 0, none. */
  readonly maxExemplars?: number | undefined;
  /** How much older than the head's newest sample a sample may be, ms; default 0: samples must be in order. */
  readonly outOfOrderTimeWindowMs?: number | undefined;
  /**
   * Whether close() writes the newest chunks into a file that the next start reads instead of the log. Default false.
   */
  readonly memorySnapshotOnShutdown?: boolean | undefined;
  /**
   * How often such a file is written while the database runs, ms; earlier if the log has grown much. A start after a
   * kill then replays only the later part of the log. Default 0, never.
   */
  readonly memorySnapshotIntervalMs?: number | undefined;
  /**
   * Whether start timestamps are accepted and logged, in records that Prometheus can read from 3.14 on. Default false.
   * Without XOR2 chunks those of floats are lost with the log.
   */
  readonly startTimestamps?: boolean | undefined;
  /**
   * Encoding of new float chunks; XOR2 has room for start timestamps, and Prometheus can read it from 3.14 on. Default
   * xor.
   */
  readonly floatChunkEncoding?: "xor" | "xor2" | undefined;
  /** Whether new histogram chunks have room for start timestamps. Default false. */
  readonly histogramStartTimestamps?: boolean | undefined;
  /**
   * Whether a sample with a start timestamp adds a zero at that time, if the zero is newer than all samples of its
   * series. Default false.
   */
  readonly startsAsZeros?: boolean | undefined;
  /** Size of the cache of decoded chunks of blocks that all reading threads share, bytes; default 64 MiB. */
  readonly decodedBytes?: number | undefined;
  /** Whether a lock keeps a second process from writing into the folder. Default true. */
  readonly lockFile?: boolean | undefined;
  /** Updated during the replay of the log, for /status/walreplay. */
  readonly progress?: ReplayProgress | undefined;
  /** Aborts the opening. */
  readonly signal?: AbortSignal | undefined;
  /** Returns numbers in [0, 1) for the names of blocks; default the system's. */
  readonly random?: (() => number) | undefined;
  /** File system of the folder; default the machine's disks, where the lock file always is. */
  readonly files?: Files | undefined;
}

/** Number of entries by kind. */
export interface AppendedCounts {
  readonly floats: number;
  readonly histograms: number;
  readonly exemplars: number;
}

/** An open data folder. */
export interface Tsdb {
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  /** Oldest and newest sample, ms; Infinity and -Infinity if empty. */
  readonly minTime: number;
  /** Time from which on it has all samples that were stored, ms; Infinity if it is empty. See Querier.completeSince. */
  readonly completeSince: number;
  readonly maxTime: number;
  readonly replay: Readonly<ReplayProgress>;
  /** Number of damaged log segments since the start (runtimeinfo's corruptionCount). */
  readonly corruptions: number;
  /** Returns handles for a thread that reads the database, for attachStorage(). Requires the machine's disks. */
  share(): StorageShare;
  /** Statistics for /status/tsdb; `limit` entries per list. */
  stats(limit: number): Promise<HeadStats>;
  /** Exemplars of the series that any of the selectors accepts. */
  exemplars(minTime: number, maxTime: number, selectors: readonly (readonly Matcher[])[]): Promise<ExemplarSeries[]>;
  /** Changes the number of exemplars to keep. */
  resizeExemplars(capacity: number): void;
  /** Metadata by series, including what the log contained. */
  metadata(): Iterable<readonly [Labels, MetricMetadata]>;
  /** Returns the end of the log, from which a new reader follows it. */
  logEnd(): LogEnd;
  /** The end of the log for threads that read the log while it is written. */
  readonly sharedLogEnd: SharedLogEnd;
  /** Returns the number of items appended since the start. */
  appended(): AppendedCounts;
  /** Values of the self metrics. */
  collect(): MetricTable;
  /** Readable blocks, oldest first. */
  blocks(): readonly BlockMeta[];
  /** Unreadable blocks, with the reason. */
  damagedBlocks(): readonly DamagedBlock[];
  /** Deletes the present samples of the series that match, from `minTime` to `maxTime`, both included, ms. */
  deleteSeries(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void>;
  /** Rewrites blocks without their deleted samples. */
  cleanTombstones(): Promise<void>;
  /** Writes blocks with all data into the folder `dir`; with `withHead` also the data that no block has yet. */
  snapshot(dir: string, withHead: boolean): Promise<void>;
  /**
   * Prepares another out-of-order window, ms, which applies from the next transaction on. Throws the system's error if
   * its log cannot be created.
   */
  prepareOutOfOrderTimeWindow(windowMs: number): PreparedChange;
  /** Sets the share of stale series, from the next maintenance on. */
  applyStaleSeriesThreshold(share: number): void;
  /** Sets the encoding of new float chunks, from the next commit on. */
  applyFloatChunkEncoding(encoding: "xor" | "xor2"): void;
  /** Sets the rules of downsampling, from the next maintenance on. */
  applyDownsampling(rules: readonly DownsamplingRule[]): void;
  /** Sets the limits of retention, from the next maintenance on. */
  applyRetention(limits: RetentionLimits): void;
  /** Cuts full blocks off the head and merges blocks, until nothing is left to do. */
  compactNow(): Promise<void>;
  /** Reads the folder again, drops data past retention, and compacts; a timer does it every minute. */
  maintain(): Promise<void>;
  /** Brings the log to the disk and releases the folder's lock. All appenders must have ended. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
