import { parentPort, workerData } from "node:worker_threads";
import { diskFiles } from "../files.ts";
import { type CompactionJob, runJob } from "./compaction-job.ts";
import type { JobOutcome } from "./compactor.ts";

/** Entry of the thread that writes one block and ends. */
function outcomeOf(job: CompactionJob): JobOutcome {
  try {
    return { meta: runJob(job, diskFiles) };
  } catch (cause) {
    const { name, message, code } = cause as NodeJS.ErrnoException;
    return { failure: { name, message, ...(code === undefined ? {} : { code }) } };
  }
}

parentPort!.postMessage(outcomeOf(workerData as CompactionJob));
