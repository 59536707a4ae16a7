import { join } from "node:path";
import { replaceFile } from "../block/replace-file.ts";
import { exists, type Files } from "../files.ts";
import type { ChunkFilesEnd } from "../head/chunk-files/chunk-files.ts";

const PREFIX = "chunk_snapshot.";

/**
 * File of a snapshot that tells where the head's chunk files ended. Prometheus reads over it. Where a folder was copied
 * while a server wrote to it, they may have been copied before the snapshot was there, and lack what it builds on.
 */
const CHUNK_FILES_END = "chunks-head-end";

/** A snapshot of the head: it holds all that the log says up to byte `offset` of segment `segment`. */
export interface SnapshotPlace {
  readonly path: string;
  readonly segment: number;
  readonly offset: number;
}

export const snapshotName = (segment: number, offset: number): string =>
  `${PREFIX}${String(segment).padStart(6, "0")}.${String(offset).padStart(10, "0")}`;

/** The snapshots in a data folder, oldest first. */
export function listSnapshots(dir: string, files: Files): SnapshotPlace[] {
  const found: SnapshotPlace[] = [];
  for (const name of files.list(dir)) {
    const numbers = /^chunk_snapshot\.(\d+)\.(\d+)$/.exec(name);
    if (numbers === null || !files.stat(join(dir, name)).isFolder) continue;
    found.push({ path: join(dir, name), segment: Number(numbers[1]), offset: Number(numbers[2]) });
  }
  return found.sort((a, b) => a.segment - b.segment || a.offset - b.offset);
}

/** Removes what an earlier process did not finish. */
export function removeSnapshotDrafts(dir: string, files: Files): void {
  for (const name of files.list(dir)) {
    if (name.startsWith(PREFIX) && name.endsWith(".tmp")) files.remove(join(dir, name));
  }
}

/**
 * Removes all snapshots, for good: a log that goes on from anything else than a snapshot names series that it does not
 * know. Throws the system's error.
 */
export function dropSnapshots(dir: string, files: Files): void {
  if (listSnapshots(dir, files).length === 0) return;
  removeSnapshots(dir, files);
  files.syncFolderNow(dir);
}

/** Removes all snapshots but one. */
export function removeSnapshots(dir: string, files: Files, but?: string): void {
  for (const { path } of listSnapshots(dir, files)) if (path !== but) files.remove(path);
}

/** Tells in a snapshot's folder what it builds on. */
export function writeChunkFilesEnd(path: string, { file, size }: ChunkFilesEnd, files: Files): void {
  replaceFile(join(path, CHUNK_FILES_END), new TextEncoder().encode(`${file} ${size}\n`), files);
}

/** Undefined where the snapshot does not tell, as Prometheus'. Throws the system's error. */
export function readChunkFilesEnd(path: string, files: Files): ChunkFilesEnd | undefined {
  const name = join(path, CHUNK_FILES_END);
  if (!exists(files, name)) return undefined;
  const numbers = /^(\d+) (\d+)\n$/.exec(new TextDecoder().decode(files.readWhole(name)));
  return { file: Number(numbers?.[1] ?? Infinity), size: Number(numbers?.[2] ?? 0) };
}
