import { eventLoop } from "./event-loop/event-loop.ts";
import { type Host, stopRequested } from "./host.ts";
import { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./logger.ts";
import { surviveUncaughtErrors } from "./uncaught-errors.ts";

/**
 * Starts the parts of a server, waits until the process is asked to stop, and stops the parts. Returns the exit status.
 */
export async function runUntilStopped(
  host: Host,
  logger: Logger,
  program: string,
  start: (parts: Lifecycle) => Promise<void>,
): Promise<number> {
  const parts = new Lifecycle({ clock: host.clock, logger, deadlineMs: 8000 });
  try {
    parts.add(eventLoop.watch(logger));
    await start(parts);
    parts.add(surviveUncaughtErrors(host, logger));
    await stopRequested(host);
    return 0;
  } catch (error) {
    logger.error(`${program} failed`, { err: error });
    return 1;
  } finally {
    await parts.stop();
  }
}
