import { join } from "node:path";
import type { Labels, Matcher } from "@narthex/model";
import type { Clock, Logger } from "@narthex/runtime";
import type { Appendable, MetricMetadata, Queryable } from "@narthex/storage";
import type { BlockMeta } from "./block/meta.ts";
import { BlockSet, type DamagedBlock } from "./block-set.ts";
import { endOfBlocks } from "./end-of-blocks.ts";
import { diskFiles, type Files } from "./files.ts";
import { readHeadStart } from "./head-start.ts";
import type { ExemplarSeries } from "./head/exemplar-ring.ts";
import { OutOfOrderWindow } from "./head/open-out-of-order.ts";
import { packOpenChunks } from "./head/pack-chunks.ts";
import { readLog, type ReplayProgress } from "./head/read-log.ts";
import { dropSnapshots } from "./head-snapshot/snapshot-folder.ts";
import { type FolderLock, lockFolder } from "./lock.ts";
import { openHead } from "./open-head.ts";
import { OpenTsdb } from "./open-tsdb.ts";
import type { RetentionLimits } from "./retention.ts";
import type { MetricTable } from "./self-metrics.ts";
import type { StorageShare } from "./share/attach-storage.ts";
import type { HeadStats } from "./stats.ts";
import type { WalCompression } from "./wal/compression.ts";
import type { FsyncPolicy } from "./wal/durability.ts";

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
  /** Off: blocks that overlap are not merged. Default on. */
  readonly mergeOverlappingBlocks?: boolean | undefined;
  /** A full head is cut only this much later, ms; default 0. */
  readonly compactionDelayMs?: number | undefined;
  /** JSON file of uploaded blocks: those that are not in it are not merged yet. Default: nobody uploads blocks. */
  readonly uploadedBlocksFile?: string | undefined;
  /** A chunk segment of a block does not grow beyond, bytes; default 512 MiB. */
  readonly chunkSegmentBytes?: number | undefined;
  /** Program of the thread that writes blocks; default the one beside this package. */
  readonly compactionThread?: URL | undefined;
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

/** An open data folder. */
export interface Tsdb {
  readonly appendable: Appendable;
  readonly queryable: Queryable;
  /** Oldest and newest sample, ms; Infinity and -Infinity while empty. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly replay: Readonly<ReplayProgress>;
  /** Damaged log segments met since the start (runtimeinfo's corruptionCount). */
  readonly corruptions: number;
  /** For a thread that reads beside this one: attachStorage() takes the handles there. Needs the machine's disks. */
  share(): StorageShare;
  /** For /status/tsdb; `limit` entries per list. */
  stats(limit: number): HeadStats;
  /** Exemplars of the series that any of the selectors accepts. */
  exemplars(minTime: number, maxTime: number, selectors: readonly (readonly Matcher[])[]): ExemplarSeries[];
  /** Changes how many exemplars are kept. */
  resizeExemplars(capacity: number): void;
  /** Metadata that the log held, by series. */
  metadata(): Iterable<readonly [Labels, MetricMetadata]>;
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
  /** Another out-of-order window from the next transaction on, ms. */
  applyOutOfOrderTimeWindow(windowMs: number): void;
  /** Another share of stale series from the next look at the folder on. */
  applyStaleSeriesThreshold(share: number): void;
  /** Another encoding of new float chunks from the next commit on. */
  applyFloatChunkEncoding(encoding: "xor" | "xor2"): void;
  /** Other limits from the next look at the folder on. */
  applyRetention(limits: RetentionLimits): void;
  /** Cuts full blocks off the head and merges blocks, until nothing is left to do. */
  compactNow(): Promise<void>;
  /** Looks at the folder anew, drops what is past retention, compacts; the clock does it every minute. */
  maintain(): Promise<void>;
  /** Brings the log to the disk and gives the folder back. Appenders must be done. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a data folder: takes its lock, replays the write-ahead log and goes on with a new segment. Rejects with
 * FolderLockedError when another process has it, or with the system's error.
 */
export async function openTsdb(dir: string, options: TsdbOptions): Promise<Tsdb> {
  const files = options.files ?? diskFiles;
  files.makeFolder(dir);
  const lock = options.lockFile === false ? undefined : await lockFolder(dir);
  try {
    return await open(dir, options, lock);
  } catch (cause) {
    lock?.release();
    throw cause;
  }
}

async function open(dir: string, options: TsdbOptions, lock: FolderLock | undefined): Promise<Tsdb> {
  const { clock, logger } = options;
  if (lock?.replaced === true) logger.warn("a lock file of a previous process existed and was replaced", { dir });
  if (lock?.kind === "pid") logger.warn("flock is not available: only Narthex processes are kept out of the folder");
  const files = options.files ?? diskFiles;
  const blocks = new BlockSet(dir, files, logger);
  blocks.removeDrafts();
  blocks.reload(true);
  const walDir = join(dir, "wal");
  files.makeFolder(walDir);
  const start = clock.monotonic();
  const ofBlocks = endOfBlocks(blocks.blocks.map(({ meta }) => meta));
  const minValidTime = Math.max(ofBlocks, readHeadStart(dir, files));
  const { head, stored, replay, snapshot, snapshotFailed } = await openHead(dir, options, minValidTime);
  const progress = options.progress ?? { min: 0, max: 0, current: 0 };
  const asideDir = join(dir, "wal-damaged");
  const reading = await readLog(walDir, replay, {
    logger,
    progress,
    asideDir,
    signal: options.signal,
    files,
    from: snapshot,
    // A snapshot names a byte of the log.
    onRepair: () => dropSnapshots(dir, files),
  });
  const late = new OutOfOrderWindow(head, {
    dir: join(dir, "wbl"),
    asideDir,
    files,
    logger,
    compression: options.walCompression ?? "snappy",
    segmentBytes: options.walSegmentBytes,
    signal: options.signal,
  });
  const lateCorruptions = await late.replay(replay, stored);
  late.open(options.outOfOrderTimeWindowMs ?? 0);
  stored.loaded.dropRest();
  await stored.store();
  await packOpenChunks(head.memory);
  const replaySeconds = (clock.monotonic() - start) / 1000;
  logger.info("WAL replay completed", { duration: `${replaySeconds.toFixed(3)}s`, samples: replay.samples });
  if (replay.unknownReferences > 0 || replay.undecodable > 0) {
    logger.warn("samples of the WAL were skipped", {
      unknownReferences: replay.unknownReferences,
      undecodableRecords: replay.undecodable,
    });
  }
  return OpenTsdb.start(
    dir,
    options,
    { lock, head, stored, late, replay, blocks },
    {
      progress,
      replaySeconds,
      corruptions: reading.corruptions + lateCorruptions + replay.undecodable,
      lastSegment: reading.lastSegment,
      fromSnapshot: snapshot !== undefined,
      snapshotFailed,
    },
  );
}
