import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@narthex/runtime";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { Heartbeat } from "./heartbeat.ts";
import { ProgressTable } from "./progress-table.ts";
import { openSources } from "../sources/source-handles.ts";
import { joinSources } from "../sources/joined-sources.ts";
import { WorkerJobs } from "./worker-jobs.ts";
import type { WorkerRequest, WorkerSettings } from "./worker-messages.ts";

/** Entry of a thread that does jobs over another thread's storage until it is ended. */
const { sources, account, heartbeat, progress, name, ...limits } = workerData as WorkerSettings;
const port = parentPort!;
const jobs = new WorkerJobs(
  {
    queryable: joinSources(openSources(sources)),
    limits,
    account: MemoryAccount.attach(account),
    heartbeat: new Heartbeat(heartbeat),
    progress: new ProgressTable(progress),
    name,
    clock: systemClock,
  },
  (report, memory) => port.postMessage(report, memory),
);
port.on("message", (order: WorkerRequest) => jobs.receive(order));
port.postMessage({ kind: "ready" });
