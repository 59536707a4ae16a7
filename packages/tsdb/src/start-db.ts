import { join } from "node:path";
import { logOnChange } from "@narthex/runtime";
import { CompactionDelay } from "./maintenance/compaction-delay.ts";
import { Compactor } from "./compact/compactor.ts";
import { PendingUploads } from "./maintenance/pending-uploads.ts";
import { blockRanges } from "./compact/plan.ts";
import { Db, type OpenedFolder, type ReplayStats } from "./db.ts";
import { DEFAULT_BLOCK_MS, type TsdbOptions } from "./tsdb.ts";
import { diskFiles, type Files } from "./files.ts";
import { folderBytes } from "./inspect/folder-size.ts";
import { CommitLog } from "./head/append/commit-log.ts";
import { CHUNKS_HEAD_FOLDER } from "./head/chunk-files/head-chunk-file.ts";
import { MemorySnapshots } from "./head-snapshot/memory-snapshots.ts";
import { listSnapshots } from "./head-snapshot/snapshot-folder.ts";
import { Maintenance } from "./maintenance/maintenance.ts";
import { retain } from "./maintenance/retain.ts";
import { removeSamplesInBlocks } from "./maintenance/truncate.ts";
import { Durability } from "./wal/durability.ts";
import { WalTruncation } from "./wal/truncation.ts";
import { WalWriter } from "./wal/writer.ts";

const DAY_MS = 86_400_000;
const DEFAULT_RETENTION_MS = 15 * DAY_MS;
const LONGEST_BLOCK_MS = 31 * DAY_MS;

/**
 * Starts a database: continues the log, removes samples from the head that blocks already contain, applies the retention
 * and starts the maintenance.
 */
export async function startDb(
  dir: string,
  options: TsdbOptions,
  opened: OpenedFolder,
  replayStats: ReplayStats,
): Promise<Db> {
  const { clock, logger, files = diskFiles, walCompression: compression = "snappy", walSegmentBytes } = options;
  const { head, stored, replay, storageThread } = opened;
  const wal = new WalWriter(join(dir, "wal"), {
    compression,
    ...(walSegmentBytes === undefined ? {} : { segmentBytes: walSegmentBytes }),
    files,
  });
  const durability = new Durability(wal, {
    policy: options.walFsync ?? "interval",
    clock,
    otherLogs: () => (head.outOfOrder.log === undefined ? [] : [head.outOfOrder.log.wal]),
    syncing: logOnChange(logger, "syncing the WAL to the disk"),
    writing: logOnChange(logger, "writing the WAL (samples are refused meanwhile, queries continue)"),
  });
  const truncation = new WalTruncation(wal, compression, clock, (walDir, request) =>
    storageThread.checkpoint(walDir, { ...request, snapshotsIn: dir }),
  );
  for (const ref of replay.aliases.keys()) {
    truncation.keepUntil(ref, replayStats.lastSegment);
    truncation.keepForSamples(ref, head.maxTime);
  }
  if (replayStats.fromSnapshot) truncation.keepAllTo(head.maxTime);
  const { ref: refs } = head.memory.series.at;
  const aliases = new Map([...replay.aliases].map(([alias, row]) => [alias, refs[row]!]));
  head.log = new CommitLog(wal, durability, options.startTimestamps === true);
  const compactor = new Compactor({
    files,
    clock,
    logger,
    mutex: head.mutex,
    segmentBytes: options.chunkSegmentBytes,
    uncachedChunks: options.uncachedChunks,
    program: options.compactionThread,
  });
  const intervalMs = options.memorySnapshotIntervalMs ?? 0;
  const snapshots = new MemorySnapshots({
    dir,
    head,
    stored,
    wal,
    files,
    clock,
    logger,
    compression,
    aliases,
    intervalMs,
  });
  const maintenance = makeMaintenance(dir, options, { ...opened, compactor, wal, truncation, aliases });
  await opened.outOfOrderWindow.repair();
  await removeSamplesInBlocks(maintenance, replayStats.lastSegment);
  retain(maintenance, true);
  return new Db(dir, options, {
    ...opened,
    wal,
    durability,
    truncation,
    compression,
    compactor,
    maintenance,
    snapshots,
    replayStats,
  });
}

interface MaintainedParts extends OpenedFolder {
  readonly compactor: Compactor;
  readonly wal: WalWriter;
  readonly truncation: WalTruncation;
  readonly aliases: ReadonlyMap<number, number>;
}

function makeMaintenance(dir: string, options: TsdbOptions, parts: MaintainedParts): Maintenance {
  const { clock, logger, files = diskFiles, minBlockDurationMs = DEFAULT_BLOCK_MS, uploadedBlocksFile } = options;
  const { retentionMs = DEFAULT_RETENTION_MS, retentionBytes = 0 } = options;
  const longest =
    options.maxBlockDurationMs ?? (retentionMs > 0 ? Math.min(retentionMs / 10, LONGEST_BLOCK_MS) : LONGEST_BLOCK_MS);
  const maintenance = new Maintenance(
    {
      ...parts,
      dir,
      files,
      clock,
      logger,
      ranges: blockRanges(minBlockDurationMs, longest),
      mergeOverlapping: options.mergeOverlappingBlocks ?? true,
      coldAfterMs: options.coldAfterMs ?? 0,
      delay: new CompactionDelay(clock, options.compactionDelayMs ?? 0),
      uploads:
        uploadedBlocksFile === undefined ? undefined : new PendingUploads(uploadedBlocksFile, files, clock, logger),
      random: options.random,
      otherBytes: () => bytesBesidesBlocks(dir, files),
    },
    { timeMs: retentionMs, sizeBytes: retentionBytes },
  );
  maintenance.staleThreshold = options.staleSeriesThreshold ?? 0;
  maintenance.downsamplingRules = options.downsampling ?? [];
  return maintenance;
}

/**
 * Returns the size in bytes of all files except blocks. If memory snapshots are kept, they are a large part of this
 * size.
 */
function bytesBesidesBlocks(dir: string, files: Files): number {
  const folders = ["wal", "wbl", CHUNKS_HEAD_FOLDER].map((name) => join(dir, name));
  const snapshots = listSnapshots(dir, files).map(({ path }) => path);
  return [...folders, ...snapshots].reduce((sum, path) => sum + folderBytes(path, files), 0);
}
