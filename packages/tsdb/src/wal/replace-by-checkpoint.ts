import { join } from "node:path";
import type { Files } from "../files.ts";
import type { WalCompression } from "./compression.ts";
import { type LogFilling, writeLogDraft } from "./log-draft.ts";
import { listCheckpoints, listSegments, logSegmentName } from "./segment.ts";

const DRAFT_SUFFIX = ".tmp";

export interface CheckpointDraft {
  /** Index of the last segment that the checkpoint replaces. */
  readonly lastSegment: number;
  readonly compression: WalCompression;
  readonly files: Files;
  /** Called when the checkpoint is complete on the disk, before it becomes valid. */
  readonly beforeUse?: (() => void) | undefined;
}

/** Reasons why files that a checkpoint replaces could not be removed. The next checkpoint removes them. */
export interface CheckpointLeftovers {
  readonly segments?: string;
  readonly checkpoints?: string;
}

/**
 * Writes `checkpoint.<lastSegment>`, whose records `fill` logs, and deletes the segments and checkpoints that it
 * replaces. The checkpoint becomes valid when it is renamed, so the log is complete after a crash at any point. If the
 * checkpoint cannot be written, rejects with the system's error and removes the unfinished checkpoint.
 */
export async function replaceByCheckpoint(
  dir: string,
  draft: CheckpointDraft,
  fill: LogFilling,
): Promise<CheckpointLeftovers> {
  const { lastSegment, compression, files, beforeUse } = draft;
  const previous = listCheckpoints(dir, files).at(-1);
  // Only removes the replaced files if the checkpoint already exists: an earlier attempt ended, or failed to remove a
  // file, after the rename of the checkpoint.
  if (previous !== undefined && previous.index >= lastSegment) return finishCheckpoint(dir, previous.index, files);
  removeDrafts(dir, files);
  const name = `checkpoint.${logSegmentName(lastSegment)}`;
  const draftDir = join(dir, `${name}${DRAFT_SUFFIX}`);
  await writeLogDraft(draftDir, { compression, files }, fill, async () => {
    await files.syncFolder(draftDir);
    beforeUse?.();
    files.rename(draftDir, join(dir, name));
  });
  return finishCheckpoint(dir, lastSegment, files);
}

/** Removes unfinished checkpoints of earlier attempts, whatever their last segment is. */
function removeDrafts(dir: string, files: Files): void {
  for (const name of files.list(dir)) {
    if (name.startsWith("checkpoint.") && name.endsWith(DRAFT_SUFFIX)) files.remove(join(dir, name));
  }
}

/** Syncs the name of a checkpoint, then removes the files that it replaces. */
async function finishCheckpoint(dir: string, index: number, files: Files): Promise<CheckpointLeftovers> {
  await files.syncFolder(dir);
  // Removes the oldest files first, so that a failure leaves no gap between the remaining files.
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
