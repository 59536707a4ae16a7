import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { BlockMeta } from "../block/meta.ts";
import { CREATION_SUFFIX } from "../block/write-block.ts";
import { diskFiles, type Files } from "../files.ts";
import { type CompactionJob, runJob } from "./compaction-job.ts";

/** What the thread posts back. */
export type JobOutcome =
  | { readonly meta: BlockMeta | undefined }
  | { readonly failure: { readonly name: string; readonly message: string; readonly code?: string } };

/** A thread reads blocks page by page and keeps one series at a time: this is room for the symbols. */
const WORKER_HEAP_MB = 1024;

/**
 * Writes blocks, one at a time, each on a thread of its own that ends with it: its memory goes back to the system.
 * Files that are none of the machine's (a simulated disk) cannot be reached from there; such jobs run in place.
 */
export class Compactor {
  readonly #files: Files;
  #worker: Worker | undefined;
  #stopped = false;

  constructor(files: Files) {
    this.#files = files;
  }

  /** Resolves with the new block's meta, or undefined where it would be empty; rejects with the error that stopped it. */
  async run(job: CompactionJob): Promise<BlockMeta | undefined> {
    if (this.#stopped) throw new Error("the database is being closed");
    if (this.#files !== diskFiles) return runJob(job, this.#files);
    const outcome = await this.#inWorker(job);
    if ("meta" in outcome) return outcome.meta;
    const { message, ...rest } = outcome.failure;
    throw Object.assign(new Error(message), rest);
  }

  /** Ends a job that runs: it rejects, and what it wrote so far is removed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker?.terminate();
  }

  async #inWorker(job: CompactionJob): Promise<JobOutcome> {
    const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./compaction-worker.js";
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: job,
      name: "compaction",
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    this.#worker = worker;
    // A thread that has posted its answer ends by itself.
    const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    try {
      return await new Promise<JobOutcome>((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
        void exited.then(() => reject(new Error("the compaction was stopped")));
      });
    } catch (cause) {
      await exited;
      this.#files.remove(join(job.dir, job.draft.ulid + CREATION_SUFFIX));
      throw cause;
    } finally {
      await exited;
      this.#worker = undefined;
    }
  }
}
