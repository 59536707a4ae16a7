import { parentPort, workerData } from "node:worker_threads";
import { StepCounter, type Task } from "./step-counter.ts";

/** Names a task of the module that the thread has imported. */
export interface GrowthRequest {
  readonly name: string;
  readonly size: number;
  readonly factor: number;
}

export type GrowthReply = { readonly growth: number } | { readonly error: unknown };

// Counting must start before the module is imported, because loops and branches are counted only in functions that are
// compiled later. The module exports its tasks as `TASKS`.
const counter = StepCounter.start();
const { TASKS } = (await import(workerData as string)) as { readonly TASKS: Readonly<Record<string, Task>> };

function replyTo({ name, size, factor }: GrowthRequest): GrowthReply {
  try {
    return { growth: counter.growth(TASKS[name]!, size, factor) };
  } catch (error) {
    return { error };
  }
}

parentPort!.on("message", (request: GrowthRequest) => parentPort!.postMessage(replyTo(request)));
