import { parentPort } from "node:worker_threads";
import type { WorkerMessage, WorkerRequest } from "../worker/worker-messages.ts";

/**
 * Simulates a query thread whose response is cancelled. When the thread gets shared memory back, it ends the running
 * parse job. The job's result lists the sizes of that memory.
 */
const port = parentPort!;
const post = (message: WorkerMessage): void => port.postMessage(message);
let parsing = 0;
port.on("message", (request: WorkerRequest) => {
  if (request.kind === "parse") parsing = request.id;
  if (request.kind === "cancel") {
    const bytes = new Uint8Array(new SharedArrayBuffer(64 * 1024));
    const annotations = { warnings: [], infos: [] };
    post({ kind: "answer", id: request.id, annotations, bytes, last: false, sum: undefined });
  }
  if (request.kind === "reuse") {
    const memory = request.memory.map(({ byteLength }) => byteLength);
    post({ kind: "parsed", id: parsing, json: JSON.stringify({ of: request.id, memory }) });
  }
});
post({ kind: "ready" });
