import { parentPort } from "node:worker_threads";
import { buffersOf } from "../block/open-block.ts";
import { diskFiles } from "../files.ts";
import { storageOutcome } from "./storage-program.ts";
import type { StorageJob } from "./storage-thread.ts";

/** Entry point of the thread for slow work on files. It runs one job after the other. */
let last = Promise.resolve();
parentPort!.on("message", (job: StorageJob) => {
  last = last.then(async () => {
    const outcome = await storageOutcome(job, diskFiles);
    parentPort!.postMessage(outcome, outcome.image === undefined ? [] : buffersOf(outcome.image));
  });
});
