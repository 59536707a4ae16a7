import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { collectGarbage, IdleCollector, systemClock } from "@narthex/runtime";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { Heartbeat } from "./heartbeat.ts";
import { ProgressTable } from "./progress-table.ts";
import { openSources } from "../sources/source-handles.ts";
import { joinSources } from "../sources/joined-sources.ts";
import { WorkerJobs } from "./worker-jobs.ts";
import type { WorkerRequest, WorkerSettings } from "./worker-messages.ts";

/** Entry of a thread that does jobs over another thread's storage until it is ended. */
const { sources, account, heartbeat, progress, name, reuse, ...limits } = workerData as WorkerSettings;
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
    reuse,
  },
  (report, memory) => {
    port.postMessage(report, memory);
    collector.noteWork();
  },
);
/** What a burst of queries leaves behind goes back to the machine soon; the thread itself stays for the next one. */
const collector = new IdleCollector({
  clock: systemClock,
  collect: collectGarbage,
  release: () => jobs.shrink(),
  // While there are jobs nothing is left behind: what they hold is looked at when they have answered.
  ownBytes: () => (jobs.isIdle ? getHeapStatistics().total_physical_size : 0),
});
port.on("message", (order: WorkerRequest) => {
  jobs.receive(order);
  // Whoever asks for a heartbeat wants nothing done.
  if (order.kind !== "ping") collector.noteWork();
});
port.postMessage({ kind: "ready" });
