import { parentPort, workerData } from "node:worker_threads";
import { attachStorage } from "@narthex/tsdb";
import type { ThreadOrder, ThreadSettings } from "../thread-messages.ts";
import { ThreadQueries } from "../thread-queries.ts";

/** A query thread that fills its memory, crashes, or computes without end where the query is a string that says so. */
const settings = workerData as ThreadSettings;
const { queryable } = attachStorage(settings.handles, settings.memory);
const port = parentPort!;
const queries = new ThreadQueries(queryable, settings, (report, memory) => port.postMessage(report, memory));
port.on("message", (order: ThreadOrder) => {
  if (order.kind === "query" && order.text === '"fill"') fill();
  if (order.kind === "query" && order.text === '"crash"') throw new Error("out of luck");
  if (order.kind === "query" && order.text === '"stick"') for (;;);
  queries.receive(order);
});
port.postMessage({ kind: "ready" });

function fill(): void {
  const kept: object[] = [];
  for (;;) kept.push({ number: kept.length, list: Array.from({ length: 100 }, (_, i) => i) });
}
