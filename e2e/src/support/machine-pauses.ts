import { Worker } from "node:worker_threads";

/** A period in which threads with work had to wait for a CPU. Times are Unix ms. */
export interface MachinePause {
  readonly from: number;
  readonly until: number;
}

/**
 * Records periods in which threads with a timer woke up late, because the machine was busy or paused. Tests that
 * compare times ignore these periods.
 */
export class MachinePauses implements AsyncDisposable {
  readonly #pauses: MachinePause[] = [];
  readonly #workers: readonly Worker[];
  readonly #answered: (() => void)[] = [];

  /** @param threads number of threads, one for each CPU */
  constructor(threads = 2) {
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(new URL("machine-pauses-worker.ts", import.meta.url), { execArgv: [] });
      worker.on("message", (message: MachinePause | "all") => {
        if (message === "all") this.#answered.shift()!();
        else this.#pauses.push(message);
      });
      return worker;
    });
  }

  /** Returns the pauses so far. */
  async all(): Promise<readonly MachinePause[]> {
    const answers = this.#workers.map(
      (worker) =>
        new Promise<void>((resolve) => {
          this.#answered.push(resolve);
          worker.postMessage("all");
        }),
    );
    await Promise.all(answers);
    return this.#pauses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
