import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { GrowthReply, GrowthRequest } from "./step-thread.ts";

/** Counts the steps of tasks, on a thread of its own. */
export class StepCounting implements AsyncDisposable {
  readonly #thread: Worker;
  /** Rejects when the thread ends. */
  readonly #ended: Promise<never>;

  /** @param module URL of the module that exports the tasks as `TASKS` */
  constructor(module: URL) {
    this.#thread = new Worker(new URL("./step-thread.ts", import.meta.url), {
      workerData: module.href,
      // Functions from Node's cache of compiled code have no counters.
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
    });
    // A thread without requests must not keep the process alive.
    this.#thread.unref();
    this.#ended = new Promise((_, reject) => {
      this.#thread.once("error", reject);
      this.#thread.once("exit", (code) => reject(new Error(`the thread that counts has ended with ${code}`)));
    });
    // Each request gets the reason.
    this.#ended.catch(() => undefined);
  }

  /** Returns how the work of a task grows, see StepCounter.growth(). Only one request may be open at a time. */
  async growth(request: GrowthRequest): Promise<number> {
    this.#thread.ref();
    try {
      const answered = once(this.#thread, "message") as Promise<[GrowthReply]>;
      this.#thread.postMessage(request);
      const [reply] = await Promise.race([answered, this.#ended]);
      if ("error" in reply) throw reply.error;
      return reply.growth;
    } finally {
      this.#thread.unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }
}
