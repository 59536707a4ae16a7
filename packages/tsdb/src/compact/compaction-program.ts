import type { Steps } from "@narthex/runtime";
import { makeChunkSizes } from "../block/chunk-sizes.ts";
import type { Files } from "../files.ts";
import { HeadChunkDamage } from "../head/chunk-files/head-chunk-file.ts";
import { type CompactionJob, jobSteps } from "./compaction-job.ts";
import type { JobOutcome } from "./compaction-thread.ts";

/**
 * Runs a job of the compaction thread on the calling thread. Returns the message that the compaction thread would post.
 */
export function* compactionOutcome(job: CompactionJob, files: Files): Steps<JobOutcome> {
  const sizes = makeChunkSizes();
  try {
    return { meta: yield* jobSteps(job, files, sizes), sizes };
  } catch (cause) {
    const { name, message, cause: reason, code = codeOf(reason) } = cause as NodeJS.ErrnoException;
    const file = cause instanceof HeadChunkDamage ? cause.file : undefined;
    return {
      failure: { name, message, ...(code === undefined ? {} : { code }), ...(file === undefined ? {} : { file }) },
    };
  }
}

const codeOf = (cause: unknown): string | undefined => (cause as NodeJS.ErrnoException | undefined)?.code;
