import { join } from "node:path";
import { logOnChange } from "@narthex/runtime";
import { diskFiles } from "../files.ts";
import { CommitLog } from "../head/append/commit-log.ts";
import { readLog } from "../head/replay/read-log.ts";
import { type FolderLock, lockFolder } from "../startup/folder-lock.ts";
import { StorageThread } from "../storage-thread/storage-thread.ts";
import { Durability } from "../wal/durability.ts";
import { WalTruncation } from "../wal/truncation.ts";
import { WalWriter } from "../wal/writer.ts";
import { type AgentOptions, agentTimes } from "./agent-options.ts";
import { AgentReplay } from "./agent-replay.ts";
import { AgentSeries } from "./agent-series.ts";
import { AgentStorage } from "./agent-storage.ts";

/**
 * Opens the data folder of an agent, in the format of Prometheus' agent. Takes the folder's lock, reads the series from
 * the log and continues the log with a new segment. Rejects with FolderLockedError if another process has the lock, or
 * with the system's error.
 */
export async function openAgent(dir: string, options: AgentOptions): Promise<AgentStorage> {
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

async function open(dir: string, options: AgentOptions, lock: FolderLock | undefined): Promise<AgentStorage> {
  const { clock, logger, files = diskFiles, walCompression: compression = "snappy" } = options;
  if (lock?.replaced === true) logger.warn("a lock file of a previous process existed and was replaced", { dir });
  if (lock?.kind === "pid")
    logger.warn("flock is not available: the lock on the data folder keeps out Narthex processes, but not Prometheus");
  const walDir = join(dir, "wal");
  files.makeFolder(walDir);
  // Removes a file that earlier versions of Narthex left in the log's folder, and that nothing uses any more.
  files.remove(join(walDir, "unsynced"));
  const start = clock.monotonic();
  const { series, replay, corruptions, lastSegment } = await replayed(dir, options);
  if (series.references.mustReuse) {
    logger.info("references of removed series are used again for new series", {
      references: series.references.reuse(),
    });
  }
  const replaySeconds = (clock.monotonic() - start) / 1000;
  logger.info("WAL replay completed", { duration: `${replaySeconds.toFixed(3)}s`, series: series.count });
  if (replay.unknownReferences > 0 || replay.undecodable > 0) {
    logger.warn("samples of the WAL were skipped", {
      unknownReferences: replay.unknownReferences,
      undecodableRecords: replay.undecodable,
    });
  }
  const segmentBytes = options.walSegmentBytes;
  const wal = new WalWriter(walDir, { compression, files, ...(segmentBytes === undefined ? {} : { segmentBytes }) });
  const durability = new Durability(wal, {
    policy: options.walFsync ?? "interval",
    clock,
    syncing: logOnChange(logger, "syncing the WAL to the disk"),
    writing: logOnChange(logger, "writing the WAL (samples are refused meanwhile)"),
  });
  const storageThread = new StorageThread({ files, clock, logger, program: options.storageThread });
  const truncation = new WalTruncation(wal, compression, clock, (logDir, request) =>
    storageThread.checkpoint(logDir, request),
  );
  const newest = replay.newest.values().reduce((a, b) => Math.max(a, b), -Infinity);
  for (const [ref, segment] of replay.expiries) {
    truncation.keepUntil(ref, Math.min(segment, lastSegment));
    truncation.keepForSamples(ref, newest);
  }
  const log = new CommitLog(wal, durability, options.startTimestamps === true);
  return new AgentStorage(options, {
    lock,
    series,
    newest: replay.newest,
    wal,
    durability,
    log,
    truncation,
    storageThread,
    times: agentTimes(options),
    replaySeconds,
    corruptions: corruptions + replay.undecodable,
  });
}

interface Replayed {
  readonly series: AgentSeries;
  readonly replay: AgentReplay;
  readonly corruptions: number;
  readonly lastSegment: number;
}

/** Reads the log and repairs damage. If the log is damaged again while it is repaired, reads it again. */
async function replayed(dir: string, options: AgentOptions): Promise<Replayed> {
  const { logger, signal, files = diskFiles, progress = { min: 0, max: 0, current: 0 } } = options;
  let corruptions = 0;
  for (;;) {
    const series = new AgentSeries();
    const replay = new AgentReplay(series, () => progress.current);
    const asideDir = join(dir, "wal-damaged");
    const reading = await readLog(join(dir, "wal"), replay, { logger, progress, asideDir, signal, files });
    corruptions += reading.corruptions;
    if (!reading.differs) return { series, replay, corruptions, lastSegment: reading.lastSegment };
    logger.error("the WAL was damaged again while it was repaired; it is replayed again", { dir });
  }
}
