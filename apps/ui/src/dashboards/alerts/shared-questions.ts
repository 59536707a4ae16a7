import { monotonicMs } from "../../time/browser-clock.ts";

interface Shared {
  readonly key: string;
  readonly at: number;
  readonly control: AbortController;
  readonly answer: Promise<unknown>;
  waiting: number;
  isSettled: boolean;
}

/**
 * Requests that several callers share. A request is sent once, and aborted when no caller waits any more. Its answer is
 * kept for a while.
 */
export class SharedQuestions {
  readonly #latest = new Map<string, Shared>();

  /**
   * @param what name under which the latest answer is kept
   * @param key key of the request; a different key sends a new request
   * @param signal ends the caller's waiting; after the last caller it also aborts the request
   */
  get<T>(
    what: string,
    key: string,
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<T>,
    maxAgeMs = Infinity,
  ): Promise<T> {
    const kept = this.#latest.get(what);
    const isKept = kept?.key === key && monotonicMs() - kept.at < maxAgeMs && !kept.control.signal.aborted;
    const shared = isKept ? kept : this.#begin(what, key, ask);
    if (!shared.isSettled) this.#wait(shared, signal);
    return shared.answer as Promise<T>;
  }

  /** Drops the kept answer, so that the next caller sends a new request. */
  forget(what: string): void {
    this.#latest.delete(what);
  }

  #begin(what: string, key: string, ask: (signal: AbortSignal) => Promise<unknown>): Shared {
    const control = new AbortController();
    const answer = ask(control.signal);
    const shared: Shared = { key, at: monotonicMs(), control, answer, waiting: 0, isSettled: false };
    this.#latest.set(what, shared);
    answer
      .catch(() => {
        if (this.#latest.get(what) === shared) this.#latest.delete(what);
      })
      .finally(() => (shared.isSettled = true));
    return shared;
  }

  #wait(shared: Shared, signal: AbortSignal): void {
    shared.waiting++;
    const leave = (): void => {
      shared.waiting--;
      // A caller that leaves may ask for the same again in the same turn.
      queueMicrotask(() => {
        if (shared.waiting === 0 && !shared.isSettled) shared.control.abort();
      });
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  }
}
