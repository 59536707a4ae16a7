import { parentPort, workerData } from "node:worker_threads";
import { StepCounter, type Task } from "./step-counter.ts";

/** Names a task of the module that the thread has imported. */
export interface GrowthRequest {
  readonly name: string;
  readonly size: number;
  readonly factor: number;
}

// Counting must start before the module is imported, because only code that is compiled later is counted.
const counter = StepCounter.start();
const { TASKS } = (await import(workerData as string)) as { readonly TASKS: Readonly<Record<string, Task>> };

parentPort!.on("message", ({ name, size, factor }: GrowthRequest) => {
  parentPort!.postMessage(counter.growth(TASKS[name]!, size, factor));
});
