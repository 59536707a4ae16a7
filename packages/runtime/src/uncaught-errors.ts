import type { Host } from "./host.ts";
import { InternalErrors } from "./internal-errors.ts";
import { InvariantError } from "./invariant.ts";
import type { Part } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";

/** Counts the uncaught errors of this process. */
export const uncaughtErrors: InternalErrors = new InternalErrors();

/**
 * Keeps a running server alive after an uncaught exception in a callback or an unhandled rejection. The error is logged
 * with its stack and counted, and the work of the callback is lost. A broken invariant ends the process, because its
 * state may be wrong; acknowledged data is on the disk, and the supervisor restarts the server. Call this function when
 * the server is ready: an error before the call ends the start.
 */
export function surviveUncaughtErrors(host: Host, logger: Logger, errors = uncaughtErrors): Part {
  const report = errors.reporter("uncaught", logger);
  const stop = host.onUncaughtError?.((error) => {
    if (error instanceof InvariantError) logger.error("The process ends: its state may be wrong", { err: error });
    report(error);
  });
  return { name: "uncaught errors", stop: () => stop?.() };
}
