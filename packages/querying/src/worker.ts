import { parentPort, workerData } from "node:worker_threads";
import { attachStorage } from "@narthex/tsdb";
import type { ThreadOrder, ThreadSettings } from "./thread-messages.ts";
import { ThreadQueries } from "./thread-queries.ts";

/** Entry of a thread that runs queries over another thread's storage until it is ended. */
const settings = workerData as ThreadSettings;
const { queryable } = attachStorage(settings.handles, settings.memory);
const port = parentPort!;
const queries = new ThreadQueries(queryable, settings, (report, memory) => port.postMessage(report, memory));
port.on("message", (order: ThreadOrder) => queries.receive(order));
port.postMessage({ kind: "ready" });
