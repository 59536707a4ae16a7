import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Clock, type Logger, logOnChange, Mutex, type StateLog } from "@narthex/runtime";
import { addChunkSizes, makeChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockMeta } from "../block/meta.ts";
import { CREATION_SUFFIX } from "../block/write-block.ts";
import type { Files } from "../files.ts";
import { type ThreadProgram, threadReaches, type WorkingThread } from "../job-thread.ts";
import { type CompactionJob, jobSteps, runJob } from "./compaction-job.ts";
import { type JobOutcome, startCompactionThread, ThreadDied, ThreadNotStarted } from "./compaction-thread.ts";

type CompactionThread = WorkingThread<CompactionJob, JobOutcome>;

/** Idle time in ms after which the compaction thread is ended, so that its memory goes back to the system. */
const IDLE_MS = 60_000;
/** Largest number of attempts for a job whose thread dies. */
const TRIES = 2;

export interface CompactorOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Mutex that long commits hold, because a long commit takes several turns of the event loop. A job on this thread
   * waits for the mutex, so the job does not read the head during such a commit.
   */
  readonly mutex?: Mutex | undefined;
  /** Largest size of a chunk segment, bytes; default 512 MiB. */
  readonly segmentBytes?: number | undefined;
  /** Whether chunks are written directly, bypassing the system's page cache; default false. */
  readonly uncachedChunks?: boolean | undefined;
  /** Code of the thread; by default the compaction worker. */
  readonly program?: ThreadProgram | undefined;
}

/**
 * Writes blocks, one at a time, on a worker thread. The calling thread does the work in steps if no worker can be
 * started, or if a worker could not use `files` (in tests). Sources are removed only after the new block exists, so no
 * sample is lost if the worker dies.
 */
export class Compactor {
  /** Histograms of the sizes of chunks in first-level blocks that were written since the start. */
  readonly sizes = makeChunkSizes();
  readonly #options: CompactorOptions;
  readonly #starting: StateLog;
  readonly #mutex: Mutex;
  #thread: CompactionThread | undefined;
  #cancelEnd: () => void = () => {};
  #stopped = false;

  constructor(options: CompactorOptions) {
    this.#options = options;
    this.#mutex = options.mutex ?? new Mutex();
    this.#starting = logOnChange(options.logger, "starting the compaction thread (the main thread writes blocks)");
  }

  /**
   * Writes the block of a job. Resolves with the block's meta, or undefined if the block would be empty. Rejects with
   * the error that stopped the job.
   */
  async run(job: CompactionJob): Promise<BlockMeta | undefined> {
    const { files, segmentBytes, uncachedChunks, program } = this.#options;
    const sized = { ...job, segmentBytes, uncachedChunks };
    this.#mustRun();
    if (!threadReaches(files, program)) {
      return this.#mutex.runExclusive(() => Promise.resolve(runJob(sized, files, this.sizes)));
    }
    for (let tries = 1; ; tries++) {
      try {
        const meta = await this.#inThread(sized);
        this.#starting.succeeded();
        return meta;
      } catch (cause) {
        this.#mustRun();
        if (cause instanceof ThreadNotStarted) {
          this.#starting.failed(cause.message);
          return this.#inTurns(sized);
        }
        if (!(cause instanceof ThreadDied)) throw cause;
        this.#options.logger.warn("the compaction thread died", { block: job.draft.ulid, err: cause.message });
        if (tries === TRIES) throw cause;
      }
    }
  }

  /** Stops the running job: rejects its promise and removes its files. Refuses later jobs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelEnd();
    await this.#thread?.end();
    this.#thread = undefined;
  }

  /** Whether stop() was called, because the database is being closed. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  #mustRun(): void {
    if (this.#stopped) throw new Error("the database is being closed");
  }

  async #inThread(job: CompactionJob): Promise<BlockMeta | undefined> {
    this.#cancelEnd();
    const thread = this.#threadAlive();
    try {
      const outcome = await thread.run(job);
      if ("failure" in outcome) {
        const { message, ...rest } = outcome.failure;
        throw Object.assign(new Error(message), rest);
      }
      addChunkSizes(this.sizes, outcome.sizes);
      return outcome.meta;
    } catch (cause) {
      if (!thread.alive) {
        await thread.end();
        this.#options.files.remove(join(job.dir, job.draft.ulid + CREATION_SUFFIX));
      }
      throw cause;
    } finally {
      if (!this.#stopped) this.#cancelEnd = this.#options.clock.after(IDLE_MS, () => void this.#endIdle(thread));
    }
  }

  #threadAlive(): CompactionThread {
    if (this.#thread?.alive === true) return this.#thread;
    try {
      this.#thread = startCompactionThread(this.#options.program);
    } catch (cause) {
      throw new ThreadNotStarted(cause instanceof Error ? cause.message : String(cause));
    }
    return this.#thread;
  }

  async #endIdle(thread: CompactionThread): Promise<void> {
    if (this.#thread === thread) this.#thread = undefined;
    await thread.end();
  }

  async #inTurns(job: CompactionJob): Promise<BlockMeta | undefined> {
    const steps = jobSteps(job, this.#options.files, this.sizes);
    for (;;) {
      const { done, value } = await this.#mutex.runExclusive(() => Promise.resolve(steps.next()));
      if (done === true) return value;
      await setImmediate();
      if (this.#stopped) steps.return(undefined);
      this.#mustRun();
    }
  }
}
