/** Time window of the limits, ms. */
const WINDOW_MS = 60_000;
/** Maximum number of events that are recorded in a window: for one client, and for all clients together. */
const [MAX_OF_CLIENT, MAX_OF_ALL] = [30, 300];
/** Maximum number of clients that are counted separately. All other clients share one counter. */
const MAX_CLIENTS = 1000;

interface Counted {
  recorded: number;
  omitted: number;
}

/**
 * Limits the audit events that anyone can cause, such as failed sign-ins. Otherwise they could fill the audit log and
 * push out other records.
 */
export class EventLimits {
  readonly #clients = new Map<string, Counted>();
  #startedAt = -Infinity;
  #all = 0;
  /** Number of events in earlier windows that were left out. */
  #omittedBefore = 0;

  /**
   * Counts an event. Returns undefined if the event must not be recorded; otherwise the number of events that were left
   * out since the last recorded one.
   */
  admit(client: string, nowMs: number): number | undefined {
    if (nowMs >= this.#startedAt + WINDOW_MS || nowMs < this.#startedAt) this.#restart(nowMs);
    const counted = this.#counted(client);
    if (counted.recorded >= MAX_OF_CLIENT || this.#all >= MAX_OF_ALL) {
      counted.omitted++;
      return undefined;
    }
    counted.recorded++;
    this.#all++;
    const omitted = this.#omittedBefore;
    this.#omittedBefore = 0;
    return omitted;
  }

  #counted(client: string): Counted {
    const key = this.#clients.has(client) || this.#clients.size < MAX_CLIENTS ? client : "";
    const counted = this.#clients.get(key) ?? { recorded: 0, omitted: 0 };
    this.#clients.set(key, counted);
    return counted;
  }

  #restart(nowMs: number): void {
    for (const { omitted } of this.#clients.values()) this.#omittedBefore += omitted;
    this.#clients.clear();
    this.#startedAt = nowMs;
    this.#all = 0;
  }
}
