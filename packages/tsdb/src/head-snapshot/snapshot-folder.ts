import { join } from "node:path";
import { replaceFile } from "../block/replace-file.ts";
import { exists, type Files } from "../files.ts";
import type { ChunkFilesEnd } from "../head/chunk-files/chunk-files.ts";

const PREFIX = "chunk_snapshot.";

/**
 * Name of a file in a snapshot that contains the end of the head's chunk files at the time of the snapshot; Prometheus
 * ignores the file. The next start uses the file to detect whether chunk files that the snapshot needs are missing in a
 * copied data folder.
 */
const CHUNK_FILES_END = "chunks-head-end";

/** Location of a head snapshot. The snapshot contains the data of the log up to byte `offset` of segment `segment`. */
export interface SnapshotPlace {
  readonly path: string;
  readonly segment: number;
  readonly offset: number;
}

/**
 * Suffix of the folder of a snapshot with batches of series. Prometheus reads no snapshot whose name has a third part.
 */
const BATCHES_SUFFIX = ".batches";

export const snapshotName = (segment: number, offset: number, hasBatches: boolean): string =>
  `${PREFIX}${String(segment).padStart(6, "0")}.${String(offset).padStart(10, "0")}${hasBatches ? BATCHES_SUFFIX : ""}`;

/** Lists the snapshots in a data folder, oldest first. */
export function listSnapshots(dir: string, files: Files): SnapshotPlace[] {
  const found: SnapshotPlace[] = [];
  for (const name of files.list(dir)) {
    const numbers = /^chunk_snapshot\.(\d+)\.(\d+)(?:\.batches)?$/.exec(name);
    if (numbers === null || !files.stat(join(dir, name)).isFolder) continue;
    found.push({ path: join(dir, name), segment: Number(numbers[1]), offset: Number(numbers[2]) });
  }
  return found.sort((a, b) => a.segment - b.segment || a.offset - b.offset);
}

/** Removes unfinished snapshots of an earlier process. */
export function removeSnapshotDrafts(dir: string, files: Files): void {
  for (const name of files.list(dir)) {
    if (name.startsWith(PREFIX) && name.endsWith(".tmp")) files.remove(join(dir, name));
  }
}

/**
 * Removes all snapshots and syncs the folder. Used after a start without a snapshot, because the log may then contain
 * series that are missing in the snapshots. Throws the system's error.
 */
export function dropSnapshots(dir: string, files: Files): void {
  if (listSnapshots(dir, files).length === 0) return;
  removeSnapshots(dir, files);
  files.syncFolderNow(dir);
}

export function removeSnapshots(dir: string, files: Files, but?: string): void {
  for (const { path } of listSnapshots(dir, files)) if (path !== but) files.remove(path);
}

/** Writes, into a snapshot's folder, the position up to which it needs the head's chunk files. */
export function writeChunkFilesEnd(path: string, { file, size }: ChunkFilesEnd, files: Files): void {
  replaceFile(join(path, CHUNK_FILES_END), new TextEncoder().encode(`${file} ${size}\n`), files);
}

/**
 * Reads the position up to which a snapshot needs the head's chunk files. Returns undefined if the snapshot does not
 * record it, as snapshots of Prometheus. Throws the system's error.
 */
export function readChunkFilesEnd(path: string, files: Files): ChunkFilesEnd | undefined {
  const name = join(path, CHUNK_FILES_END);
  if (!exists(files, name)) return undefined;
  const numbers = /^(\d+) (\d+)\n$/.exec(new TextDecoder().decode(files.readWhole(name)));
  return { file: Number(numbers?.[1] ?? Infinity), size: Number(numbers?.[2] ?? 0) };
}
