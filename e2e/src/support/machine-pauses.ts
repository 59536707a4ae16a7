import { Worker } from "node:worker_threads";

/** A period in which threads with work to do had to wait; ms since 1970. */
export interface MachinePause {
  readonly from: number;
  readonly until: number;
}

/**
 * Records delays of the machine: a thread that only waits for its timer woke up long after it. This includes periods in
 * which the machine itself was paused, which its kernel does not count as waiting. Tests that compare times leave these
 * periods out.
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
