/** What a control of the refresh shows. */
export interface RefreshState {
  /** What a reader chose in place of the intervals that the queries have; null is their own. */
  readonly intervalMs: number | null;
  readonly isPaused: boolean;
  /** When an answer last came, Unix milliseconds; null before the first. */
  readonly lastRefreshMs: number | null;
}

/** Keeps what a part of the page shows up to date: how often its queries are asked again, and whether at all. */
export class Refresh {
  #state: RefreshState = { intervalMs: null, isPaused: false, lastRefreshMs: null };
  readonly #listeners = new Set<() => void>();
  readonly #refetches = new Set<() => unknown>();

  /** The same object until something changes. */
  get state(): RefreshState {
    return this.#state;
  }

  /** Calls back on every change until the returned function is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Adds a query to those that `refreshNow` asks again, until the returned function is called. */
  readonly register = (refetch: () => unknown): (() => void) => {
    this.#refetches.add(refetch);
    return () => this.#refetches.delete(refetch);
  };

  /** How long after its last answer a query is asked again; a query that stops on its own stays stopped. */
  intervalOf(ownMs: number | false): number | false {
    const { intervalMs, isPaused } = this.#state;
    return isPaused || ownMs === false ? false : (intervalMs ?? ownMs);
  }

  setInterval(intervalMs: number | null): void {
    this.#change({ intervalMs });
  }

  /** Asks nothing again until `resume`, except through `refreshNow`. */
  pause(): void {
    this.#change({ isPaused: true });
  }

  resume(): void {
    this.#change({ isPaused: false });
  }

  /** Asks every query again, also while paused. */
  refreshNow(): void {
    for (const refetch of this.#refetches) refetch();
  }

  /** Notes that a query was answered. Answers may be noted in any order: the latest counts. */
  recordAnswer(unixMs: number): void {
    this.#change({ lastRefreshMs: Math.max(unixMs, this.#state.lastRefreshMs ?? unixMs) });
  }

  #change(change: Partial<RefreshState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
