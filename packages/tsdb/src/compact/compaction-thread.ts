import type { ChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockMeta } from "../block/meta.ts";
import { type JobThread, startThread, type ThreadProgram } from "../job-thread.ts";
import type { CompactionJob } from "./compaction-job.ts";

/** Message with which the compaction thread reports that it is ready for jobs. */
export const READY = "ready";

/** Message with which the compaction thread reports the result of a job. */
export type JobOutcome =
  | { readonly meta: BlockMeta | undefined; readonly sizes: ChunkSizes }
  | {
      readonly failure: {
        readonly name: string;
        readonly message: string;
        readonly code?: string;
        /** Number of the damaged head chunk file, if one caused the failure. */
        readonly file?: number;
      };
    };

/** Error that the compaction thread could not be started. No work was done. */
export class ThreadNotStarted extends Error {
  override readonly name = "ThreadNotStarted";
}

/** Error that the compaction thread ended during a job, because of an error or because it was terminated. */
export class ThreadDied extends Error {
  override readonly name = "ThreadDied";
}

/**
 * A worker thread that writes blocks. The thread keeps the process alive only during a job and while close() ends the
 * thread.
 */
export class CompactionThread {
  readonly #worker: JobThread;
  readonly #exited: Promise<void>;
  #ready = false;
  #dead = false;
  #isEnding = false;
  #reason = "it ended by itself";
  #job: PromiseWithResolvers<JobOutcome> | undefined;

  /** @param program code of the thread; by default worker.ts of this folder */
  constructor(program: ThreadProgram = defaultProgram()) {
    this.#worker = startThread("compaction", program);
    this.#worker.unref();
    this.#worker.on("message", (message) => {
      if (message === READY) this.#ready = true;
      else this.#job?.resolve(message as JobOutcome);
    });
    this.#worker.on("error", (cause) => {
      this.#reason = (cause as Error).message;
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.#dead = true;
        this.#job?.reject(this.#ready ? new ThreadDied(this.#reason) : new ThreadNotStarted(this.#reason));
        resolve();
      });
    });
  }

  get alive(): boolean {
    return !this.#dead;
  }

  /** Runs a job on the thread. Only one job may run at a time. Rejects with ThreadNotStarted or ThreadDied. */
  async run(job: CompactionJob): Promise<JobOutcome> {
    this.#job = Promise.withResolvers();
    this.#worker.ref();
    this.#worker.postMessage(job);
    try {
      return await this.#job.promise;
    } finally {
      this.#job = undefined;
      if (!this.#isEnding) this.#worker.unref();
    }
  }

  /** Resolves when the thread has ended and its files are closed. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#worker.ref();
    if (!this.#dead) await this.#worker.terminate();
    await this.#exited;
  }
}

const defaultProgram = (): URL =>
  new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./compaction-worker.js", import.meta.url);
