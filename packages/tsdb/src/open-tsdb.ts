import { join } from "node:path";
import { BlockSet } from "./block-set/block-set.ts";
import { DOWNSAMPLED_FOLDER } from "./block-set/block-folders.ts";
import { endOfBlocks } from "./block-set/block-hints.ts";
import { diskFiles } from "./files.ts";
import { readHeadStart } from "./startup/head-start.ts";
import { OutOfOrderWindow } from "./head/out-of-order/out-of-order-window.ts";
import { shrinkOpenChunks } from "./head/memory/defragment.ts";
import { readLog, type ReplayProgress } from "./head/replay/read-log.ts";
import { dropSnapshots } from "./head-snapshot/snapshot-folder.ts";
import { LogGap } from "./startup/log-gap.ts";
import { type FolderLock, lockFolder } from "./startup/folder-lock.ts";
import { openHead, type OpenHead, type OpenHeadOptions } from "./startup/open-head.ts";
import { startDb } from "./start-db.ts";
import { StorageThread } from "./storage-thread/storage-thread.ts";
import type { Tsdb, TsdbOptions } from "./tsdb.ts";

/**
 * Opens a data folder: takes the folder's lock, replays the write-ahead log and continues with a new segment. Rejects
 * with FolderLockedError if another process has the lock, or with the system's error.
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
  if (lock?.kind === "pid")
    logger.warn("flock is not available: the lock on the data folder keeps out Narthex processes, but not Prometheus");
  const files = options.files ?? diskFiles;
  const storageThread = new StorageThread({ files, clock, logger, program: options.storageThread });
  const blocks = new BlockSet(dir, files, storageThread, logger);
  const downsampled = new BlockSet(join(dir, DOWNSAMPLED_FOLDER), files, storageThread, logger, 2);
  for (const set of [blocks, downsampled]) {
    await set.removeDrafts();
    await set.prepare(true);
    set.reload(true);
  }
  const walDir = join(dir, "wal");
  files.makeFolder(walDir);
  const start = clock.monotonic();
  const ofBlocks = endOfBlocks(blocks.blocks.map(({ meta }) => meta));
  const minValidTime = Math.max(ofBlocks, readHeadStart(dir, files));
  const progress = options.progress ?? { min: 0, max: 0, current: 0 };
  const asideDir = join(dir, "wal-damaged");
  const removeLater = (path: string): Promise<void> => storageThread.remove(path);
  const gap = new LogGap(dir, files);
  const opened = await openReplayedHead(dir, { ...options, progress, removeLater, asideDir, gap }, minValidTime);
  const { head, stored, replay, snapshot, snapshotFailed } = opened;
  const onLoss = (): void => gap.note(stored.files.newest);
  const outOfOrderWindow = new OutOfOrderWindow(head, {
    dir: join(dir, "wbl"),
    asideDir,
    files,
    logger,
    compression: options.walCompression ?? "snappy",
    segmentBytes: options.walSegmentBytes,
    signal: options.signal,
    removeLater,
  });
  const outOfOrderCorruptions = await outOfOrderWindow.replay(replay, stored, onLoss);
  if (snapshot === undefined && head.memory.series.mustReuseReferences) {
    const references = head.memory.series.reuseReferences();
    logger.info("references of removed series are used again for new series", { references });
  }
  outOfOrderWindow.open(options.outOfOrderTimeWindowMs ?? 0);
  stored.loaded.dropRest();
  await stored.store();
  await shrinkOpenChunks(head.memory);
  const replaySeconds = (clock.monotonic() - start) / 1000;
  logger.info("WAL replay completed", { duration: `${replaySeconds.toFixed(3)}s`, samples: replay.samples });
  if (replay.unknownReferences > 0 || replay.undecodable > 0) {
    logger.warn("samples of the WAL were skipped", {
      unknownReferences: replay.unknownReferences,
      undecodableRecords: replay.undecodable,
    });
  }
  return startDb(
    dir,
    options,
    { lock, head, stored, outOfOrderWindow, replay, blocks, downsampled, storageThread, gap },
    {
      progress,
      replaySeconds,
      corruptions: opened.corruptions + outOfOrderCorruptions + replay.undecodable,
      lastSegment: opened.lastSegment,
      fromSnapshot: snapshot !== undefined,
      snapshotFailed,
    },
  );
}

interface ReplayedHead extends OpenHead {
  /** Number of damaged segments that were repaired. */
  readonly corruptions: number;
  /** Number of the newest segment that was read; -1 if there were no segments. */
  readonly lastSegment: number;
}

/**
 * Creates the head and replays the log into it. If the log is damaged again during its repair, repeats both. Otherwise
 * the head would contain series that are not in the log, and their later samples would be lost at the next start.
 */
async function openReplayedHead(
  dir: string,
  options: OpenHeadOptions & { readonly progress: ReplayProgress },
  minValidTime: number,
): Promise<ReplayedHead> {
  const { logger, progress, signal, files = diskFiles, asideDir, gap } = options;
  let corruptions = 0;
  for (;;) {
    const opened = await openHead(dir, options, minValidTime);
    const reading = await readLog(join(dir, "wal"), opened.replay, {
      logger,
      progress,
      asideDir,
      signal,
      files,
      from: opened.snapshot,
      // Removes memory snapshots before a repair of the log, because they contain byte offsets of the log, and a repair
      // changes these offsets.
      onRepair: () => dropSnapshots(dir, files),
      onLoss: () => gap.note(opened.stored.files.newest),
    });
    corruptions += reading.corruptions;
    if (!reading.differs) return { ...opened, corruptions, lastSegment: reading.lastSegment };
    logger.error("the WAL was damaged again while it was repaired; it is replayed again", { dir });
    opened.stored.files.close();
  }
}
