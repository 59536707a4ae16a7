import { join } from "node:path";
import { DEFAULT_BLOCK_MS, type TsdbOptions } from "../tsdb.ts";
import { diskFiles, type RemoveLater } from "../files.ts";
import { Head } from "../head/head.ts";
import { Replay } from "../head/replay/replay.ts";
import type { StoredChunks } from "../head/chunk-files/stored-chunks.ts";
import { ChunkFiles } from "../head/chunk-files/chunk-files.ts";
import { readSnapshot } from "../head-snapshot/read-snapshot.ts";
import { SnapshotDamage } from "../head-snapshot/snapshot-damage.ts";
import {
  dropSnapshots,
  listSnapshots,
  readChunkFilesEnd,
  removeSnapshotDrafts,
  type SnapshotPlace,
} from "../head-snapshot/snapshot-folder.ts";
import { CHUNKS_HEAD_FOLDER } from "../head/chunk-files/head-chunk-file.ts";
import { listSegments } from "../wal/segment.ts";
import type { LogGap } from "./log-gap.ts";

/** An opened head with its chunk files and the content of a memory snapshot. The log has not been replayed yet. */
export interface OpenHead {
  readonly head: Head;
  readonly stored: StoredChunks;
  readonly replay: Replay;
  /** The memory snapshot that was loaded. The replay of the log begins at its position. */
  readonly snapshot: SnapshotPlace | undefined;
  /**
   * Whether a snapshot existed but could not be used, because the snapshot or its chunk files were damaged, or because
   * most references were used up.
   */
  readonly snapshotFailed: boolean;
}

/** Options of the database, and objects that parts of the database share. */
export interface OpenHeadOptions extends TsdbOptions {
  readonly removeLater: RemoveLater;
  /** Folder to which damaged files are moved. */
  readonly asideDir: string;
  readonly gap: LogGap;
}

/** Creates the head of a data folder. Samples before `minValidTime` are in blocks. */
export async function openHead(dir: string, options: OpenHeadOptions, minValidTime: number): Promise<OpenHead> {
  const files = options.files ?? diskFiles;
  removeSnapshotDrafts(dir, files);
  let lost: SnapshotPlace | undefined;
  const opened = await makeHead(dir, options, minValidTime, () => {
    // Runs before a damaged chunk file is moved away. Removes the snapshots first, because the next start must not find
    // a snapshot without the chunk files that it needs.
    lost = listSnapshots(dir, files).at(-1);
    dropSnapshots(dir, files);
  });
  const usesSnapshots = options.memorySnapshotOnShutdown === true || (options.memorySnapshotIntervalMs ?? 0) > 0;
  if (!usesSnapshots) dropSnapshots(dir, files);
  const { clock, logger, signal } = options;
  const complain = ({ path }: SnapshotPlace, reason: string): void =>
    logger.error("the memory snapshot cannot be used; the whole WAL is replayed instead", { dir: path, reason });
  if (lost !== undefined && usesSnapshots) {
    complain(lost, "head chunk files it builds on were damaged");
    return { ...opened, snapshot: undefined, snapshotFailed: true };
  }
  const snapshot = usableSnapshot(dir, options);
  if (snapshot === undefined) return { ...opened, snapshot, snapshotFailed: false };
  const failed = async (reason: string): Promise<OpenHead> => {
    complain(snapshot, reason);
    opened.stored.files.close();
    dropSnapshots(dir, files);
    return { ...(await makeHead(dir, options, minValidTime)), snapshot: undefined, snapshotFailed: true };
  };
  const start = clock.monotonic();
  try {
    const end = readChunkFilesEnd(snapshot.path, files);
    if (end !== undefined && !opened.stored.files.reaches(end))
      return await failed("head chunk files it builds on are missing");
    const series = await readSnapshot(snapshot.path, opened.head, opened.replay, { files, signal });
    const duration = `${((clock.monotonic() - start) / 1000).toFixed(3)}s`;
    logger.info("memory snapshot loaded", { dir: snapshot.path, series, duration });
  } catch (cause) {
    signal?.throwIfAborted();
    return failed(cause instanceof SnapshotDamage ? cause.message : String(cause));
  }
  // Gives up the snapshot if references must be reused. The unused references are known only after the whole log was
  // read, and a start from a snapshot reads only the later part of the log.
  if (opened.head.memory.series.mustReuseReferences) return failed("most references of series are used up");
  return { ...opened, snapshot, snapshotFailed: false };
}

async function makeHead(dir: string, options: OpenHeadOptions, minValidTime: number, onDamage?: () => void) {
  const { logger, files = diskFiles, removeLater, asideDir, gap } = options;
  const head = new Head(options.maxExemplars ?? 0, options.minBlockDurationMs ?? DEFAULT_BLOCK_MS, {
    minValidTime,
    encodings: {
      withStarts: options.startTimestamps === true,
      startsAsZeros: options.startsAsZeros === true,
      floatsXor2: options.floatChunkEncoding === "xor2",
    },
    histogramStarts: options.histogramStartTimestamps === true,
    chunkFiles: new ChunkFiles(join(dir, CHUNKS_HEAD_FOLDER), files, logger, removeLater),
    logger,
  });
  const stored = head.stored!;
  await stored.load({ logsHaveAll: gap.logsHaveAll, asideDir, onDamage });
  gap.begin(stored.files.oldest, stored.files.newest);
  return { head, stored, replay: new Replay(head) };
}

/**
 * Returns the newest usable memory snapshot. A snapshot is unusable if the log ends before it, or if its log segment is
 * missing, because another program may then have given its series other references.
 */
function usableSnapshot(dir: string, { files = diskFiles, logger }: TsdbOptions): SnapshotPlace | undefined {
  const snapshot = listSnapshots(dir, files).at(-1);
  if (snapshot === undefined) return undefined;
  const segments = listSegments(join(dir, "wal"), files);
  const covered = segments.find(({ index }) => index === snapshot.segment);
  if (covered !== undefined && covered.size >= snapshot.offset) return snapshot;
  const isLost = covered === undefined && (segments.at(-1)?.index ?? -1) > snapshot.segment;
  const difference = isLost ? "has lost the segment of" : "ends before";
  logger.warn(`the WAL ${difference} the memory snapshot; snapshots are removed`, { dir: snapshot.path });
  dropSnapshots(dir, files);
  return undefined;
}
