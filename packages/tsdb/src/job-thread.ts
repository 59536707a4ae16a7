import { Worker } from "node:worker_threads";
import { diskFiles, type Files } from "./files.ts";

/**
 * Memory limit of a worker thread's old generation in MB. The symbol tables need most of this memory, because series
 * are streamed.
 */
const HEAP_MB = 1024;

/** The methods of Node's Worker that the database uses. */
export interface JobThread {
  postMessage(job: unknown): void;
  on(event: "message" | "error" | "exit", listener: (message: unknown) => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

/** The URL of a thread's code, or a function that starts the thread. */
export type ThreadProgram = URL | (() => JobThread);

/** Message with which a thread may report that it is ready for jobs. */
export const READY = "ready";

/**
 * A worker thread that runs jobs. Its messages are the outcomes of its jobs, in the order of the jobs. The thread keeps
 * the process alive only during a job, and while end() ends the thread.
 */
export class WorkingThread<Job, Outcome> {
  readonly #worker: JobThread;
  readonly #exited: Promise<void>;
  readonly #waiting: PromiseWithResolvers<Outcome>[] = [];
  #isEnding = false;
  alive = true;

  /** @param failure makes the error of a job that the thread did not finish, with the reason why the thread ended */
  constructor(name: string, program: ThreadProgram, failure: (reason: string, wasReady: boolean) => Error) {
    let reason = "it ended by itself";
    let isReady = false;
    this.#worker =
      typeof program === "function"
        ? program()
        : new Worker(program, { name, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
    this.#worker.unref();
    this.#worker.on("message", (message) => {
      if (message === READY) isReady = true;
      else this.#waiting.shift()!.resolve(message as Outcome);
      if (!this.busy && !this.#isEnding) this.#worker.unref();
    });
    this.#worker.on("error", (cause) => {
      reason = (cause as Error).message;
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.alive = false;
        for (const { reject } of this.#waiting.splice(0)) reject(failure(reason, isReady));
        resolve();
      });
    });
  }

  get busy(): boolean {
    return this.#waiting.length > 0;
  }

  run(job: Job): Promise<Outcome> {
    const waiting = Promise.withResolvers<Outcome>();
    // Posts the job before it is added to the queue. A job that cannot be posted throws, and must then not stay in the
    // queue or keep the process running.
    this.#worker.postMessage(job);
    this.#worker.ref();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  /** Resolves when the thread has ended and its files are closed. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#worker.ref();
    if (this.alive) await this.#worker.terminate();
    await this.#exited;
  }
}

/**
 * Returns whether a worker thread could use `files`. A thread that is started from a URL has only the real file system.
 */
export const threadReaches = (files: Files, program: ThreadProgram | undefined): boolean =>
  files === diskFiles || typeof program === "function";
