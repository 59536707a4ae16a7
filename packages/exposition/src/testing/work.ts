import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { GrowthRequest } from "./step-thread.ts";

/** A thread that counts the steps of tasks. */
export class CountedWork implements AsyncDisposable {
  readonly #thread: Worker;

  /** @param module URL of the module that exports the tasks as `TASKS` */
  constructor(module: URL) {
    this.#thread = new Worker(new URL("./step-thread.ts", import.meta.url), { workerData: module.href });
  }

  /** Returns how the work of a task grows, see StepCounter.growth(). */
  async growth(request: GrowthRequest): Promise<number> {
    this.#thread.postMessage(request);
    const [growth] = (await once(this.#thread, "message")) as [number];
    return growth;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }
}
