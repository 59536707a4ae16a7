import { parentPort, workerData } from "node:worker_threads";
import { type AccountHandles, MemoryAccount } from "../evaluation/memory-account.ts";

/** A thread that posts a message at its start and then requests too much memory repeatedly until the test stops it. */
const { handles, bytes, stop } = workerData as { handles: AccountHandles; bytes: number; stop: Int32Array };
const account = MemoryAccount.attach(handles);
parentPort!.postMessage("begun");
while (Atomics.load(stop, 0) === 0) {
  if (account.take(bytes, "queries")) throw new Error("there is not so much");
}
