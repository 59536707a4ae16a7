import type { Clock } from "@narthex/runtime";

/** Maximum number of rate limits to remember. If it is exceeded, the oldest are dropped. */
const MAX_PAUSES = 10_000;
/** Maximum time in ms for which a service can ask to stop requests. */
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Remembers until when services do not accept requests (status 429 with Retry-After), by host and credential: a rate
 * limit applies to one account at one host. All integrations of the process share one RateLimits, also after a reload.
 */
export class RateLimits {
  readonly #clock: Clock;
  /** Pauses by account: start and end in monotonic ms. The most recent pause is last. */
  readonly #pauses = new Map<string, { readonly since: number; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Records that a service accepts no requests of an account for `pauseMs`. */
  note(account: string, pauseMs: number): void {
    const since = this.#clock.monotonic();
    this.#pauses.delete(account);
    this.#pauses.set(account, { since, until: since + Math.min(pauseMs, LONGEST_PAUSE_MS) });
    for (const [oldest, { until }] of this.#pauses) {
      if (until > since && this.#pauses.size <= MAX_PAUSES) break;
      this.#pauses.delete(oldest);
    }
  }

  /**
   * Returns the time in ms until requests of an account may be sent again, or 0. A pause ends at most `longestMs` after
   * its start.
   */
  remainingMs(account: string, longestMs: number): number {
    const pause = this.#pauses.get(account);
    if (pause === undefined) return 0;
    return Math.max(0, Math.min(pause.until, pause.since + longestMs) - this.#clock.monotonic());
  }
}
