import type { Host } from "./host.ts";
import { InternalErrors } from "./internal-errors.ts";
import { InvariantError } from "./invariant.ts";
import type { Part } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";

/** Errors of this process that no unit of work has caught. */
export const uncaughtErrors: InternalErrors = new InternalErrors();

/**
 * Keeps a running role alive when an error reaches no one: an exception in a callback, or a rejection that no one
 * handles. The error is logged with its stack and counted, and the work of that callback is lost. A broken invariant
 * ends the process, since its state may be wrong; what was acknowledged is on disk, and the supervisor starts the role
 * again.
 *
 * Call it when the role is ready. An error before that ends the start.
 */
export function surviveUncaughtErrors(host: Host, logger: Logger, errors = uncaughtErrors): Part {
  const report = errors.reporter("uncaught", logger);
  const stop = host.onUncaughtError?.((error) => {
    if (error instanceof InvariantError) logger.error("The process ends: its state may be wrong", { err: error });
    report(error);
  });
  return { name: "uncaught errors", stop: () => stop?.() };
}
