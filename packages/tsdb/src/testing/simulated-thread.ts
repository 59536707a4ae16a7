import { EventEmitter } from "node:events";
import type { Steps } from "@narthex/runtime";
import type { CompactionJob } from "../compact/compaction-job.ts";
import { compactionOutcome } from "../compact/compaction-program.ts";
import type { Files } from "../files.ts";
import { type JobThread, READY } from "../job-thread.ts";
import { storageOutcome } from "../storage-thread/storage-program.ts";
import type { StorageJob } from "../storage-thread/storage-thread.ts";
import type { SimulatedDisk, ThreadFiles } from "./simulated-disk.ts";

/** Program of a simulated thread, which runs a job with the given files. `turn` lets other threads run. */
type Program = (job: unknown, files: Files, turn: () => Promise<void>) => Promise<unknown>;

async function inTurns<T>(steps: Steps<T>, turn: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    // oxlint-disable-next-line no-await-in-loop -- one step after the other
    await turn();
  }
}

const compaction: Program = (job, files, turn) => inTurns(compactionOutcome(job as CompactionJob, files), turn);
const storage: Program = (job, files) => storageOutcome(job as StorageJob, files);

/** Returns database options that run the threads of a database on a simulated disk. */
export const simulatedThreads = (
  disk: SimulatedDisk,
): { readonly compactionThread: () => JobThread; readonly storageThread: () => JobThread } => ({
  compactionThread: () => new SimulatedThread(disk, compaction, READY),
  storageThread: () => new SimulatedThread(disk, storage),
});

/**
 * A thread of the process that mounted a simulated disk last. The thread has a separate mount, which ends with the
 * thread.
 */
class SimulatedThread extends EventEmitter implements JobThread {
  readonly #program: Program;
  readonly #files: ThreadFiles;
  #last: Promise<void>;

  constructor(disk: SimulatedDisk, program: Program, greeting?: string) {
    super();
    this.#program = program;
    this.#files = disk.thread(() => void this.#exit());
    this.#last = greeting === undefined ? Promise.resolve() : this.#say(greeting);
  }

  postMessage(job: unknown): void {
    const own = structuredClone(job);
    this.#last = this.#last.then(async () => {
      const outcome = await this.#program(own, this.#files, () => this.#files.turn());
      await this.#say(structuredClone(outcome));
    });
  }

  /** Delivers a message in a later turn of the event loop. Delivers nothing if the thread has ended. */
  async #say(message: unknown): Promise<void> {
    await this.#files.turn();
    this.emit("message", message);
  }

  async #exit(): Promise<void> {
    await this.#files.turnAfterEnd();
    this.emit("exit");
  }

  ref(): void {}

  unref(): void {}

  async terminate(): Promise<void> {
    this.#files.end();
    await this.#files.turnAfterEnd();
  }
}
