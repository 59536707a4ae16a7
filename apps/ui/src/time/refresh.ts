export interface RefreshState {
  /** Interval for all queries in ms. Null means that each query uses its own interval. */
  readonly intervalMs: number | null;
  readonly isPaused: boolean;
  /** Time of the last response, Unix ms. Null before the first response. */
  readonly lastRefreshMs: number | null;
}

/** Controls how often the queries of a page, or a part of it, are repeated. */
export class Refresh {
  #state: RefreshState = { intervalMs: null, isPaused: false, lastRefreshMs: null };
  readonly #listeners = new Set<() => void>();
  /** The registered queries, and whether each is repeated automatically. */
  readonly #refetches = new Map<() => unknown, boolean>();

  /**
   * The interval, whether the refresh is paused, and the time of the last response. The object is the same until one of
   * these changes.
   */
  get state(): RefreshState {
    return this.#state;
  }

  /** Calls `listener` on every change. Returns a function that removes the listener. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /**
   * Registers a query that `refreshNow` repeats. Returns a function that unregisters the query.
   * @param isRepeated whether `refreshDue` also repeats the query
   */
  readonly register = (refetch: () => unknown, isRepeated = true): (() => void) => {
    this.#refetches.set(refetch, isRepeated);
    return () => this.#refetches.delete(refetch);
  };

  /** Returns the time in ms between a query's response and its next request, or false if it is not repeated. */
  intervalOf(ownMs: number | false): number | false {
    const { intervalMs, isPaused } = this.#state;
    return isPaused || ownMs === false ? false : (intervalMs ?? ownMs);
  }

  setInterval(intervalMs: number | null): void {
    this.#change({ intervalMs });
  }

  /** Stops the automatic refresh until `resume`. `refreshNow` still works. */
  pause(): void {
    this.#change({ isPaused: true });
  }

  resume(): void {
    this.#change({ isPaused: false });
  }

  /** Repeats all queries, even while paused. */
  refreshNow(): void {
    for (const refetch of this.#refetches.keys()) refetch();
  }

  /** Repeats all queries whose results can change. */
  refreshDue(): void {
    for (const [refetch, isRepeated] of this.#refetches) if (isRepeated) refetch();
  }

  /** Records the time of a query's response. The latest time is kept, even if the calls are in another order. */
  recordAnswer(unixMs: number): void {
    this.#change({ lastRefreshMs: Math.max(unixMs, this.#state.lastRefreshMs ?? unixMs) });
  }

  #change(change: Partial<RefreshState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
