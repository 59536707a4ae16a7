import { join } from "node:path";
import type { Files } from "../files.ts";
import type { WalCompression } from "./compression.ts";
import { listCheckpoints, listSegments, segmentName } from "./segment.ts";
import { WalWriter } from "./writer.ts";

const DRAFT_SUFFIX = ".tmp";

/** Which checkpoint is written, and how. */
export interface CheckpointDraft {
  /** It stands for the segments up to this index. */
  readonly lastSegment: number;
  readonly compression: WalCompression;
  readonly files: Files;
}

/** Why what a checkpoint stands for could not be removed: the next one tries again. */
export interface CheckpointLeftovers {
  readonly segments?: string;
  readonly checkpoints?: string;
}

/**
 * Writes `checkpoint.<lastSegment>`, whose records `fill` logs, then deletes the segments and the checkpoints that it
 * stands for. A crash at any point leaves a complete log: the checkpoint counts from its renaming on. Rejects with the
 * system's error where it could not be written; nothing is left of it then.
 */
export async function replaceByCheckpoint(
  dir: string,
  draft: CheckpointDraft,
  fill: (writer: WalWriter) => void | Promise<void>,
): Promise<CheckpointLeftovers> {
  const { lastSegment, compression, files } = draft;
  const previous = listCheckpoints(dir, files).at(-1);
  // A thread that ended behind the renaming, or a removal that failed, has left what the checkpoint replaces.
  if (previous !== undefined && previous.index >= lastSegment) return finishCheckpoint(dir, previous.index, files);
  removeDrafts(dir, files);
  const name = `checkpoint.${segmentName(lastSegment)}`;
  const draftDir = join(dir, `${name}${DRAFT_SUFFIX}`);
  try {
    const writer = new WalWriter(draftDir, { compression, files, draft: true });
    try {
      await fill(writer);
    } catch (cause) {
      // What went wrong first is what is told.
      await writer.close().catch(() => {});
      throw cause;
    }
    await writer.close();
    await files.syncFolder(draftDir);
    files.rename(draftDir, join(dir, name));
  } catch (cause) {
    // A disk that is full is not to hold a draft besides.
    failureOf(() => files.remove(draftDir));
    throw cause;
  }
  return finishCheckpoint(dir, lastSegment, files);
}

/** What earlier attempts left, whichever segments they were about. */
function removeDrafts(dir: string, files: Files): void {
  for (const name of files.list(dir)) {
    if (name.startsWith("checkpoint.") && name.endsWith(DRAFT_SUFFIX)) files.remove(join(dir, name));
  }
}

/** Removes what a checkpoint replaces, once its name is on the disk. */
async function finishCheckpoint(dir: string, index: number, files: Files): Promise<CheckpointLeftovers> {
  await files.syncFolder(dir);
  // The oldest first: where one cannot be removed, no gap comes about behind it.
  const segments = failureOf(() => {
    for (const segment of listSegments(dir, files)) if (segment.index <= index) files.unlink(segment.path);
  });
  const checkpoints = failureOf(() => {
    for (const old of listCheckpoints(dir, files)) if (old.index < index) files.remove(old.path);
  });
  return { ...(segments === undefined ? {} : { segments }), ...(checkpoints === undefined ? {} : { checkpoints }) };
}

function failureOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
