import type { Clock } from "@narthex/runtime";

/** Maximum number of pauses that are kept. With more, the oldest are dropped. */
const MAX_PAUSES = 10_000;
/** Maximum pause that a service can request, ms. */
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * Pauses that services have requested (status 429 with Retry-After), by host and credential, because a limit applies to
 * one account at one host. All integrations of the process share them, also after a reload.
 */
export class RateLimits {
  readonly #clock: Clock;
  /** Start and end of each pause by the monotonic clock. The pause that was requested last is the last entry. */
  readonly #pauses = new Map<string, { readonly since: number; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Records that a service has requested a pause of this length in ms. */
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
   * Returns the remaining time of an account's pause in ms, or 0 if requests may be sent. A pause counts for at most
   * `longestMs` from its start.
   */
  remainingMs(account: string, longestMs: number): number {
    const pause = this.#pauses.get(account);
    if (pause === undefined) return 0;
    return Math.max(0, Math.min(pause.until, pause.since + longestMs) - this.#clock.monotonic());
  }
}
