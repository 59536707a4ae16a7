import { type Clock, reasonOf } from "@narthex/runtime";

/** Number of processes that may start at once, and the time after which one more may start, ms. */
const BURST = 20;
const EVERY_MS = 500;

/**
 * Limits how often processes start. A statement that is aborted ends its process, so that a client could otherwise make
 * the role start processes all the time.
 */
export class StartRate {
  readonly #clock: Clock;
  /** Time from which the burst is complete again, in ms of the monotonic clock. */
  #fullAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#fullAt = clock.monotonic();
  }

  /** Resolves when a process may start. Rejects with the signal's reason when it is aborted. */
  async take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw reasonOf(signal);
    const now = this.#clock.monotonic();
    this.#fullAt = Math.max(this.#fullAt, now) + EVERY_MS;
    const waitMs = this.#fullAt - now - BURST * EVERY_MS;
    if (waitMs <= 0) return;
    try {
      await this.#clock.sleep(waitMs, signal);
    } catch (error) {
      // The start does not happen, so it does not count.
      this.#fullAt -= EVERY_MS;
      throw error;
    }
  }
}
