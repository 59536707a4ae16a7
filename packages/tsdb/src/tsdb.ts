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
  /** Blocks that end this much before the newest one are dropped; 0 for no limit. Default 15 d. */
  readonly retentionMs?: number | undefined;
  /** The oldest blocks are dropped when all data takes more; default 0, no limit. */
  readonly retentionBytes?: number | undefined;
  /** Length of blocks cut from the head. Default 2 h. */
  readonly minBlockDurationMs?: number | undefined;
  /** Blocks are merged up to this length. Default a tenth of the time retention, at most 31 d. */
  readonly maxBlockDurationMs?: number | undefined;
  /**
   * Blocks are rewritten to columns when the longest range that they can be merged into ended so much before the newest
   * block, ms, or as much as late samples may come; default 0, never.
   */
  readonly coldAfterMs?: number | undefined;
  /** What old samples are downsampled to; default nothing. */
  readonly downsampling?: readonly DownsamplingRule[] | undefined;
  /** Off: blocks that overlap are not merged. Default on. */
  readonly mergeOverlappingBlocks?: boolean | undefined;
  /** A full head is cut only this much later, ms; default 0. */
  readonly compactionDelayMs?: number | undefined;
  /** JSON file of uploaded blocks: those that are not in it are not merged yet. Default: nobody uploads blocks. */
  readonly uploadedBlocksFile?: string | undefined;
  /** A chunk segment of a block does not grow beyond, bytes; default 512 MiB. */
  readonly chunkSegmentBytes?: number | undefined;
  /** Chunks of blocks are written past the page cache, where system and disk can; default not. */
  readonly uncachedChunks?: boolean | undefined;
  /** Program of the thread that writes blocks; default the one beside this package. */
  readonly compactionThread?: ThreadProgram | undefined;
  /** Likewise of the thread that checks and removes blocks. */
  readonly storageThread?: ThreadProgram | undefined;
  /** Share of stale series from which on they are moved to blocks early; default 0, never. */
  readonly staleSeriesThreshold?: number | undefined;
  /** How often the folder is looked at and blocks are cut and merged. Default 1 min. */
  readonly blockReloadIntervalMs?: number | undefined;
  /** Default snappy. */
  readonly walCompression?: WalCompression | undefined;
  /** Multiple of 32 KiB; default 128 MiB. */
  readonly walSegmentBytes?: number | undefined;
  /** Default interval. */
  readonly walFsync?: FsyncPolicy | undefined;
  readonly walFsyncIntervalMs?: number | undefined;
  /** Exemplars kept; default 0, none. */
  readonly maxExemplars?: number | undefined;
  /** How far behind the newest sample of the head a series' samples may come, ms; default 0: only in order. */
  readonly outOfOrderTimeWindowMs?: number | undefined;
  /** On: close() leaves the newest chunks in a file that the next start reads instead of the log. Default off. */
  readonly memorySnapshotOnShutdown?: boolean | undefined;
  /**
   * How often such a file is written beside appends, ms; earlier when the log has grown by much. A start after a kill then
   * replays only what the log has behind it. Default 0, never.
   */
  readonly memorySnapshotIntervalMs?: number | undefined;
  /**
   * On: start timestamps are taken and logged, in records that Prometheus reads from 3.14 on. Default off. Without
   * XOR2 chunks those of floats live no longer than the log.
   */
  readonly startTimestamps?: boolean | undefined;
  /** Encoding of new float chunks; XOR2 has room for start timestamps, and is read from 3.14 on. Default xor. */
  readonly floatChunkEncoding?: "xor" | "xor2" | undefined;
  /** On: new histogram chunks have room for start timestamps. Default off. */
  readonly histogramStartTimestamps?: boolean | undefined;
  /** On: a sample that tells when its counter began puts a zero there, if that is newer than all of its series. Default off. */
  readonly startsAsZeros?: boolean | undefined;
  /** Decoded chunks of blocks that all reading threads keep together, bytes; default 64 MiB. */
  readonly decodedBytes?: number | undefined;
  /** Off: nobody keeps two processes from writing into the folder. Default on. */
  readonly lockFile?: boolean | undefined;
  /** Filled while the log is replayed, for /status/walreplay. */
  readonly progress?: ReplayProgress | undefined;
  /** Gives up opening. */
  readonly signal?: AbortSignal | undefined;
  /** Numbers from 0 to below 1 for the names of blocks; default the system's. */
  readonly random?: (() => number) | undefined;
  /** Where the folder lies; default the machine's disks. The lock file is always there. */
  readonly files?: Files | undefined;
}

/** Entries by kind. */
export interface AppendedCounts {
  readonly floats: number;
  readonly histograms: number;
  readonly exemplars: number;
}

/** An open data folder. */
export interface Tsdb {
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  /** Oldest and newest sample, ms; Infinity and -Infinity while empty. */
  readonly minTime: number;
  /** Since when it holds all that was stored, ms; Infinity while it is empty. See Querier.completeSince. */
  readonly completeSince: number;
  readonly maxTime: number;
  readonly replay: Readonly<ReplayProgress>;
  /** Damaged log segments met since the start (runtimeinfo's corruptionCount). */
  readonly corruptions: number;
  /** For a thread that reads beside this one: attachStorage() takes the handles there. Needs the machine's disks. */
  share(): StorageShare;
  /** For /status/tsdb; `limit` entries per list. */
  stats(limit: number): Promise<HeadStats>;
  /** Exemplars of the series that any of the selectors accepts. */
  exemplars(minTime: number, maxTime: number, selectors: readonly (readonly Matcher[])[]): Promise<ExemplarSeries[]>;
  /** Changes how many exemplars are kept. */
  resizeExemplars(capacity: number): void;
  /** Metadata that the log held, by series. */
  metadata(): Iterable<readonly [Labels, MetricMetadata]>;
  /** Where the log ends, for those who follow it from now on. */
  logEnd(): LogEnd;
  /** The same for threads that read the log while it is written. */
  readonly sharedLogEnd: SharedLogEnd;
  /** What has been appended since the start. */
  appended(): AppendedCounts;
  /** Values of the self metrics. */
  collect(): MetricTable;
  /** Blocks that are read, oldest first. */
  blocks(): readonly BlockMeta[];
  /** Blocks that cannot be read, and why. */
  damagedBlocks(): readonly DamagedBlock[];
  /** Deletes the samples there are now of the series that match, from `minTime` to `maxTime`, both included, ms. */
  deleteSeries(matchers: readonly Matcher[], minTime: number, maxTime: number): Promise<void>;
  /** Writes blocks with deleted samples anew, without those. */
  cleanTombstones(): Promise<void>;
  /** Puts blocks into the folder `dir` that hold all data; of what no block has yet, if `withHead` says so. */
  snapshot(dir: string, withHead: boolean): Promise<void>;
  /**
   * Gets ready for another out-of-order window, ms, which counts from the next transaction on. Throws the system's error
   * where its log cannot be made.
   */
  prepareOutOfOrderTimeWindow(windowMs: number): PreparedChange;
  /** Another share of stale series from the next maintenance on. */
  applyStaleSeriesThreshold(share: number): void;
  /** Another encoding of new float chunks from the next commit on. */
  applyFloatChunkEncoding(encoding: "xor" | "xor2"): void;
  /** Other rules of downsampling from the next maintenance on. */
  applyDownsampling(rules: readonly DownsamplingRule[]): void;
  /** Other limits from the next maintenance on. */
  applyRetention(limits: RetentionLimits): void;
  /** Cuts full blocks off the head and merges blocks, until nothing is left to do. */
  compactNow(): Promise<void>;
  /** Looks at the folder anew, drops what is past retention, compacts; the clock does it every minute. */
  maintain(): Promise<void>;
  /** Brings the log to the disk and gives the folder back. Appenders must be done. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
