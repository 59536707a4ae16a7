/** The state that a refresh control shows. */
export interface RefreshState {
  /** Interval that the user selected for all queries, ms; null if each query has its own interval. */
  readonly intervalMs: number | null;
  readonly isPaused: boolean;
  /** Time at which the last answer arrived, Unix milliseconds; null before the first. */
  readonly lastRefreshMs: number | null;
}

/** Controls how often the queries of a page, or a part of it, are repeated. */
export class Refresh {
  #state: RefreshState = { intervalMs: null, isPaused: false, lastRefreshMs: null };
  readonly #listeners = new Set<() => void>();
  readonly #refetches = new Set<() => unknown>();

  /** The state; the same object until something changes. */
  get state(): RefreshState {
    return this.#state;
  }

  /** Calls back on every change until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Adds a query to those that `refreshNow` repeats, until the returned function is called. */
  readonly register = (refetch: () => unknown): (() => void) => {
    this.#refetches.add(refetch);
    return () => this.#refetches.delete(refetch);
  };

  /** Returns the time from a query's last answer to its next request, ms. Returns false if the query is stopped. */
  intervalOf(ownMs: number | false): number | false {
    const { intervalMs, isPaused } = this.#state;
    return isPaused || ownMs === false ? false : (intervalMs ?? ownMs);
  }

  setInterval(intervalMs: number | null): void {
    this.#change({ intervalMs });
  }

  /** Stops all requests until `resume`, except those of `refreshNow`. */
  pause(): void {
    this.#change({ isPaused: true });
  }

  resume(): void {
    this.#change({ isPaused: false });
  }

  /** Repeats every query, also while paused. */
  refreshNow(): void {
    for (const refetch of this.#refetches) refetch();
  }

  /** Records the time at which a query was answered. The latest time is kept, in any order of calls. */
  recordAnswer(unixMs: number): void {
    this.#change({ lastRefreshMs: Math.max(unixMs, this.#state.lastRefreshMs ?? unixMs) });
  }

  #change(change: Partial<RefreshState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
