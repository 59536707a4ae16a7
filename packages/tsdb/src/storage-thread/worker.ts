import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { BlockError } from "../block/block-error.ts";
import { buffersOf, checkBlock } from "../block/open-block.ts";
import { diskFiles, exists } from "../files.ts";
import { runCheckpoint } from "../wal/checkpoint.ts";
import type { StorageFailure, StorageJob, StorageOutcome } from "./storage-thread.ts";

/** Entry of the thread that works on files beside the event loop, one job after the other. */
async function outcomeOf(job: StorageJob): Promise<StorageOutcome> {
  try {
    if (job.kind === "check") return { image: checkBlock(job.dir, diskFiles) };
    if (job.kind === "checkpoint") return { leftovers: await runCheckpoint(job.dir, job.request, diskFiles) };
    remove(job.path);
    return {};
  } catch (cause) {
    return { failure: failureOf(cause) };
  }
}

/** File by file: between two of them the thread can be ended. */
function remove(path: string): void {
  if (!exists(diskFiles, path)) return;
  if (diskFiles.stat(path).isFolder) for (const name of diskFiles.list(path)) remove(join(path, name));
  diskFiles.remove(path);
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

let last = Promise.resolve();
parentPort!.on("message", (job: StorageJob) => {
  last = last.then(async () => {
    const outcome = await outcomeOf(job);
    parentPort!.postMessage(outcome, outcome.image === undefined ? [] : buffersOf(outcome.image));
  });
});
