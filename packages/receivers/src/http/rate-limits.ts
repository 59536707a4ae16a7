import type { Clock } from "@narthex/runtime";

/** Pauses that are kept; beyond this number the oldest are dropped. */
const MAX_PAUSES = 10_000;
/** Longest pause a service can ask for, ms. */
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Pauses that services have asked for (429 with Retry-After), by host and credential: what one account may not do, another
 * may, and a host says nothing of others. All integrations of the process share them, also over a reload.
 */
export class RateLimits {
  readonly #clock: Clock;
  /** Moments of the monotonic clock; those said last stand last. */
  readonly #pauses = new Map<string, { readonly since: number; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes what a service has asked for, ms. */
  note(account: string, pauseMs: number): void {
    const since = this.#clock.monotonic();
    this.#pauses.delete(account);
    this.#pauses.set(account, { since, until: since + Math.min(pauseMs, LONGEST_PAUSE_MS) });
    for (const [oldest, { until }] of this.#pauses) {
      if (until > since && this.#pauses.size <= MAX_PAUSES) break;
      this.#pauses.delete(oldest);
    }
  }

  /** Time that is left of an account's pause, ms, where pauses count for `longestMs` at most; 0: requests may be sent. */
  remainingMs(account: string, longestMs: number): number {
    const pause = this.#pauses.get(account);
    if (pause === undefined) return 0;
    return Math.max(0, Math.min(pause.until, pause.since + longestMs) - this.#clock.monotonic());
  }
}
