import { type Host, Lifecycle, type Logger, stopRequested } from "@narthex/runtime";

/** Starts a role's parts, waits until the host is asked to stop, and stops them; the exit status. */
export async function runUntilStopped(
  host: Host,
  logger: Logger,
  program: string,
  start: (parts: Lifecycle) => Promise<void>,
): Promise<number> {
  const parts = new Lifecycle({ clock: host.clock, logger, deadlineMs: 8000 });
  try {
    await start(parts);
    await stopRequested(host);
    return 0;
  } catch (error) {
    logger.error(`${program} failed`, { err: error });
    return 1;
  } finally {
    await parts.stop();
  }
}
