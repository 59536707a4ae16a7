import { join } from "node:path";
import { BlockError } from "../block/block-error.ts";
import { checkBlock } from "../block/open-block.ts";
import { exists, type Files } from "../files.ts";
import { runCheckpointJob } from "./checkpoint-job.ts";
import type { StorageFailure, StorageJob, StorageOutcome } from "./storage-thread.ts";

/**
 * Runs a job of the storage thread on the calling thread. Resolves with the message that the storage thread would post.
 */
export async function storageOutcome(job: StorageJob, files: Files): Promise<StorageOutcome> {
  try {
    if (job.kind === "check") return { image: checkBlock(job.dir, files) };
    if (job.kind === "checkpoint") return { leftovers: await runCheckpointJob(job.dir, job.request, files) };
    remove(job.path, files);
    return {};
  } catch (cause) {
    return { failure: failureOf(cause) };
  }
}

/** Removes a folder file by file, so that the thread can be ended between two files. */
function remove(path: string, files: Files): void {
  if (!exists(files, path)) return;
  if (files.stat(path).isFolder) for (const name of files.list(path)) remove(join(path, name), files);
  files.remove(path);
}

function failureOf(cause: unknown): StorageFailure {
  const { name, message, code } = cause as NodeJS.ErrnoException;
  const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;
  if (!(cause instanceof BlockError)) return { name, message, code };
  const { file, offset, reason } = cause;
  return {
    name,
    message,
    code: codeOf(cause.cause),
    block: { file, offset, reason, hasCause: cause.cause !== undefined },
  };
}
