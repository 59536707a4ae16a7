import { join } from "node:path";
import type { Files } from "../files.ts";
import type { WalCompression } from "./compression.ts";
import { listCheckpoints, listSegments, segmentName } from "./segment.ts";
import { WalWriter } from "./writer.ts";

/** Which checkpoint is written, and how. */
export interface CheckpointDraft {
  /** It stands for the segments up to this index. */
  readonly lastSegment: number;
  readonly compression: WalCompression;
  readonly files: Files;
}

/**
 * Writes `checkpoint.<lastSegment>`, whose records `fill` logs, then deletes the segments and the checkpoints that it
 * stands for. A crash at any point leaves a complete log: the checkpoint counts from its renaming on.
 */
export async function replaceByCheckpoint(
  dir: string,
  { lastSegment, compression, files }: CheckpointDraft,
  fill: (writer: WalWriter) => void | Promise<void>,
): Promise<void> {
  const previous = listCheckpoints(dir, files).at(-1);
  // A thread that ended behind the renaming, or a removal that failed, has left what the checkpoint replaces.
  if (previous !== undefined && previous.index >= lastSegment) return finishCheckpoint(dir, previous.index, files);
  const name = `checkpoint.${segmentName(lastSegment)}`;
  const draftDir = join(dir, `${name}.tmp`);
  files.remove(draftDir);
  const writer = new WalWriter(draftDir, { compression, files, draft: true });
  try {
    await fill(writer);
  } finally {
    await writer.close();
  }
  await files.syncFolder(draftDir);
  files.rename(draftDir, join(dir, name));
  await finishCheckpoint(dir, lastSegment, files);
}

/** Removes what a checkpoint replaces, once its name is on the disk. */
async function finishCheckpoint(dir: string, index: number, files: Files): Promise<void> {
  await files.syncFolder(dir);
  for (const segment of listSegments(dir, files)) if (segment.index <= index) files.unlink(segment.path);
  for (const old of listCheckpoints(dir, files)) if (old.index < index) files.remove(old.path);
}
