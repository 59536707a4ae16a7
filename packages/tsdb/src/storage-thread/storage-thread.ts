import { type Clock, logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import { BlockError, isDamage } from "../block/block-error.ts";
import type { Block } from "../block/block.ts";
import { type BlockImage, openBlockInTurns, type OpenBlockOptions, openChecked } from "../block/open-block.ts";
import type { Files } from "../files.ts";
import { type ThreadProgram, threadReaches, WorkingThread } from "../job-thread.ts";
import type { CheckpointLeftovers } from "../wal/replace-by-checkpoint.ts";
import { type CheckpointJob, runCheckpointJob } from "./checkpoint-job.ts";

/** A job for the storage thread, which does slow work on files. */
export type StorageJob =
  | { readonly kind: "check"; readonly dir: string }
  /** Removes a file, or a folder with its content. */
  | { readonly kind: "remove"; readonly path: string }
  /** Writes a checkpoint of the log in a folder. */
  | { readonly kind: "checkpoint"; readonly dir: string; readonly request: CheckpointJob };

export interface StorageFailure {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  /** Fields of the BlockError, if the job failed with one. */
  readonly block?: {
    readonly file: string;
    readonly offset: number;
    readonly reason: string;
    readonly hasCause: boolean;
  };
}

/** Message with which the storage thread reports the result of a job. Messages are in the order of the jobs. */
export interface StorageOutcome {
  readonly image?: BlockImage;
  readonly leftovers?: CheckpointLeftovers;
  readonly failure?: StorageFailure;
}

/** Idle time in ms after which the thread is ended, so that its memory goes back to the system. */
const IDLE_MS = 60_000;

export interface StorageThreadOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Code of the thread; by default worker.ts of this folder. */
  readonly program?: ThreadProgram | undefined;
}

/**
 * Runs slow work on files on another thread, so that appends and queries continue: checks of new blocks, removals of
 * large files, checkpoints of the log. The calling thread does the work if no thread can be started, or if a thread
 * could not use `files` (in tests). Checks of blocks then yield to other work.
 */
export class StorageThread {
  readonly #options: StorageThreadOptions;
  readonly #starting: StateLog;
  #thread: WorkingThread<StorageJob, StorageOutcome> | undefined;
  #cancelEnd: () => void = () => {};
  #stopped = false;

  constructor(options: StorageThreadOptions) {
    this.#options = options;
    this.#starting = logOnChange(options.logger, "starting the storage thread (the main thread does its work)");
  }

  /** Opens a block. Another thread does the slow part. Rejects with BlockError. */
  async open(dir: string, options: OpenBlockOptions): Promise<Block> {
    const outcome = await this.#run({ kind: "check", dir });
    if (outcome?.image === undefined) return openBlockInTurns(dir, options);
    try {
      return openChecked(dir, outcome.image, options);
    } catch (error) {
      if (!isDamage(error)) throw error;
      // Opens and checks the block a second time, because the disk may have transferred a wrong byte once although the
      // file is intact.
      return openBlockInTurns(dir, options);
    }
  }

  /**
   * Removes a file, or a folder with its content. Does nothing if the path does not exist. Rejects with the system's
   * error.
   */
  async remove(path: string): Promise<void> {
    if ((await this.#run({ kind: "remove", path })) === undefined && !this.#stopped) this.#options.files.remove(path);
  }

  /** Writes a checkpoint of the log and removes the segments that it replaces. Rejects with the system's error. */
  async checkpoint(dir: string, request: CheckpointJob): Promise<CheckpointLeftovers> {
    const outcome = await this.#run({ kind: "checkpoint", dir, request });
    return outcome === undefined ? runCheckpointJob(dir, request, this.#options.files) : (outcome.leftovers ?? {});
  }

  /** Ends the thread. If a removal was in progress, the next start finishes it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelEnd();
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.end();
  }

  /** Runs a job on the thread. Resolves with undefined if there is no thread. */
  async #run(job: StorageJob): Promise<StorageOutcome | undefined> {
    const { files, program = defaultProgram() } = this.#options;
    if (!threadReaches(files, program) || this.#stopped) return undefined;
    this.#cancelEnd();
    let outcome: StorageOutcome;
    try {
      if (this.#thread?.alive !== true)
        this.#thread = new WorkingThread("storage", program, (reason) => new Error(reason));
      outcome = await this.#thread.run(job);
      this.#starting.succeeded();
    } catch (cause) {
      if (!this.#stopped) this.#starting.failed(cause instanceof Error ? cause.message : String(cause));
      return undefined;
    } finally {
      this.#endWhenIdle();
    }
    if (outcome.failure !== undefined) throw errorOf(outcome.failure);
    return outcome;
  }

  #endWhenIdle(): void {
    const thread = this.#thread;
    if (this.#stopped || thread === undefined || thread.busy) return;
    this.#cancelEnd();
    this.#cancelEnd = this.#options.clock.after(IDLE_MS, () => {
      if (this.#thread === thread) this.#thread = undefined;
      void thread.end();
    });
  }
}

function errorOf({ message, name, code, block }: StorageFailure): Error {
  const withCode = Object.assign(new Error(message), { name }, code === undefined ? {} : { code });
  if (block === undefined) return withCode;
  return new BlockError(block.file, block.offset, block.reason, block.hasCause ? withCode : undefined);
}

const defaultProgram = (): URL =>
  new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./storage-thread.js", import.meta.url);
