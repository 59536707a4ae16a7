import { parentPort } from "node:worker_threads";
import { makeChunkSizes } from "../block/chunk-sizes.ts";
import { diskFiles } from "../files.ts";
import { HeadChunkDamage } from "../head/chunk-files/head-chunk-file.ts";
import { type CompactionJob, runJob } from "./compaction-job.ts";
import { type JobOutcome, READY } from "./compaction-thread.ts";

/** Entry of the thread that writes blocks, one job after the other until it is ended. */
function outcomeOf(job: CompactionJob): JobOutcome {
  const sizes = makeChunkSizes();
  try {
    return { meta: runJob(job, diskFiles, sizes), sizes };
  } catch (cause) {
    const { name, message, cause: reason, code = codeOf(reason) } = cause as NodeJS.ErrnoException;
    const file = cause instanceof HeadChunkDamage ? cause.file : undefined;
    return {
      failure: { name, message, ...(code === undefined ? {} : { code }), ...(file === undefined ? {} : { file }) },
    };
  }
}

const codeOf = (cause: unknown): string | undefined => (cause as NodeJS.ErrnoException | undefined)?.code;

parentPort!.on("message", (job: CompactionJob) => parentPort!.postMessage(outcomeOf(job)));
parentPort!.postMessage(READY);
