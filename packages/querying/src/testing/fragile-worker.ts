import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@narthex/runtime";
import { MemoryAccount } from "../evaluation/memory-account.ts";
import { Heartbeat } from "../worker/heartbeat.ts";
import { ProgressTable } from "../worker/progress-table.ts";
import { openSources } from "../sources/source-handles.ts";
import { joinSources } from "../sources/joined-sources.ts";
import { WorkerJobs } from "../worker/worker-jobs.ts";
import { STUCK_CHANNEL } from "./stuck-query.ts";
import type { WorkerRequest, WorkerSettings } from "../worker/worker-messages.ts";

/**
 * A query thread for tests that fails on request. The query `"fill"` fills its memory, `"crash"` ends the thread, and
 * `"stick"` posts a message to the test and then runs for ever.
 */
const { sources, account, ...limits } = workerData as WorkerSettings;
const heartbeat = new Heartbeat(limits.heartbeat);
const port = parentPort!;
const jobs = new WorkerJobs(
  {
    queryable: joinSources(openSources(sources)),
    limits,
    account: MemoryAccount.attach(account),
    heartbeat,
    progress: new ProgressTable(limits.progress),
    name: limits.name,
    clock: systemClock,
  },
  (report, memory) => port.postMessage(report, memory),
);
port.on("message", (request: WorkerRequest) => {
  if (request.kind === "query" || request.kind === "parse") {
    heartbeat.beginJob(request.id);
    if (request.text === '"fill"') fill();
    if (request.text === '"crash"') throw new Error("out of luck");
    if (request.text === '"stick"') {
      new BroadcastChannel(STUCK_CHANNEL).postMessage("stuck");
      for (;;);
    }
  }
  jobs.receive(request);
});
port.postMessage({ kind: "ready" });

function fill(): void {
  const kept: object[] = [];
  for (;;) kept.push({ number: kept.length, list: Array.from({ length: 100 }, (_, i) => i) });
}
