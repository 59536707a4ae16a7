import { parentPort } from "node:worker_threads";
import { runToEnd } from "@narthex/runtime";
import { diskFiles } from "../files.ts";
import { READY } from "../job-thread.ts";
import type { CompactionJob } from "./compaction-job.ts";
import { compactionOutcome } from "./compaction-program.ts";

/** Entry point of the worker thread that writes blocks. It runs one job after the other until it is terminated. */
parentPort!.on("message", (job: CompactionJob) => parentPort!.postMessage(runToEnd(compactionOutcome(job, diskFiles))));
parentPort!.postMessage(READY);
