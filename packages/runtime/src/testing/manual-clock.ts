import { SimulatedClock } from "../simulated-clock.ts";

/**
 * A clock that advances only when the test advances it, and waits for completed I/O between alarms. Its wall time can
 * be set.
 */
export class ManualClock extends SimulatedClock {
  /** @param start initial wall time, ms since 1970 */
  constructor(start = 0) {
    super(start, settle);
  }

  /** Sets the wall clock as an operator would. The delays of alarms do not change. */
  setWall(now: number): void {
    this.wall = now;
  }
}

/** Runs the waiting callbacks of promises and of completed I/O. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
