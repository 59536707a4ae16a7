import type { ChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockMeta } from "../block/meta.ts";
import { type JobThread, startThread, type ThreadProgram } from "../job-thread.ts";
import type { CompactionJob } from "./compaction-job.ts";

/** Message of the thread when it is ready for jobs. */
export const READY = "ready";

/** Message of the thread after each job. */
export type JobOutcome =
  | { readonly meta: BlockMeta | undefined; readonly sizes: ChunkSizes }
  | {
      readonly failure: {
        readonly name: string;
        readonly message: string;
        readonly code?: string;
        /** Number of the file of head chunks that is damaged. */
        readonly file?: number;
      };
    };

/** The thread could not be started; no work was done. */
export class ThreadNotStarted extends Error {
  override readonly name = "ThreadNotStarted";
}

/** The thread ended during a job, because of an error or because it was terminated. */
export class ThreadDied extends Error {
  override readonly name = "ThreadDied";
}

/** A thread that writes blocks. The thread keeps the process alive only during a job and while close() ends the thread. */
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

  /** Runs a job; only one at a time. Rejects with ThreadNotStarted or ThreadDied. */
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
