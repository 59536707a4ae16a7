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

/**
 * Settings with which the main thread starts this worker thread. The thread runs jobs on storage that the main thread
 * shares with it.
 */
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
/** Returns memory to the system after many queries. The thread itself stays for later queries. */
const collector = new IdleCollector({
  clock: systemClock,
  collect: collectGarbage,
  release: () => jobs.shrink(),
  // Measures the thread's own memory only if no job is running, because running jobs still need their memory.
  ownBytes: () => (jobs.isIdle ? getHeapStatistics().total_physical_size : 0),
});
port.on("message", (order: WorkerRequest) => {
  jobs.receive(order);
  // Ignores pings, because they are not work after which garbage should be collected.
  if (order.kind !== "ping") collector.noteWork();
});
port.postMessage({ kind: "ready" });
