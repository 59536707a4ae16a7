import type { ChunkSizes } from "../block/chunk-sizes.ts";
import type { BlockMeta } from "../block/meta.ts";
import { type ThreadProgram, WorkingThread } from "../job-thread.ts";
import type { CompactionJob } from "./compaction-job.ts";

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

/** Starts a worker thread that writes blocks. Its jobs reject with ThreadNotStarted or ThreadDied. */
export const startCompactionThread = (
  program: ThreadProgram = defaultProgram(),
): WorkingThread<CompactionJob, JobOutcome> =>
  new WorkingThread("compaction", program, (reason, wasReady) =>
    wasReady ? new ThreadDied(reason) : new ThreadNotStarted(reason),
  );

const defaultProgram = (): URL =>
  new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./compaction-worker.js", import.meta.url);
