import { join } from "node:path";
import type { Files } from "../files.ts";
import type { WalCompression } from "./compression.ts";
import { listCheckpoints, listSegments, segmentName } from "./segment.ts";
import { WalWriter } from "./writer.ts";

const DRAFT_SUFFIX = ".tmp";

/** Options of a checkpoint. */
export interface CheckpointDraft {
  /** It replaces the segments up to this index. */
  readonly lastSegment: number;
  readonly compression: WalCompression;
  readonly files: Files;
}

/** Reasons why files that a checkpoint replaces could not be removed; the next checkpoint tries again. */
export interface CheckpointLeftovers {
  readonly segments?: string;
  readonly checkpoints?: string;
}

/**
 * Writes `checkpoint.<lastSegment>`, whose records `fill` logs, then deletes the segments and the checkpoints that it
 * replaces. A crash at any point leaves a complete log: the checkpoint is valid from its renaming on. Rejects with the
 * system's error if it could not be written; then no part of it is left.
 */
export async function replaceByCheckpoint(
  dir: string,
  draft: CheckpointDraft,
  fill: (writer: WalWriter) => void | Promise<void>,
): Promise<CheckpointLeftovers> {
  const { lastSegment, compression, files } = draft;
  const previous = listCheckpoints(dir, files).at(-1);
  // A thread that ended after the renaming, or a removal that failed, has left files that the checkpoint replaces.
  if (previous !== undefined && previous.index >= lastSegment) return finishCheckpoint(dir, previous.index, files);
  removeDrafts(dir, files);
  const name = `checkpoint.${segmentName(lastSegment)}`;
  const draftDir = join(dir, `${name}${DRAFT_SUFFIX}`);
  try {
    const writer = new WalWriter(draftDir, { compression, files, draft: true });
    try {
      await fill(writer);
    } catch (cause) {
      // The first error is the one to report.
      await writer.close().catch(() => {});
      throw cause;
    }
    await writer.close();
    await files.syncFolder(draftDir);
    files.rename(draftDir, join(dir, name));
  } catch (cause) {
    // A draft must not take room on a full disk.
    failureOf(() => files.remove(draftDir));
    throw cause;
  }
  return finishCheckpoint(dir, lastSegment, files);
}

/** Removes the drafts of earlier attempts, of any segments. */
function removeDrafts(dir: string, files: Files): void {
  for (const name of files.list(dir)) {
    if (name.startsWith("checkpoint.") && name.endsWith(DRAFT_SUFFIX)) files.remove(join(dir, name));
  }
}

/** Removes the files that a checkpoint replaces, after its name is on the disk. */
async function finishCheckpoint(dir: string, index: number, files: Files): Promise<CheckpointLeftovers> {
  await files.syncFolder(dir);
  // The oldest first, so that a failure leaves no gap.
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
