import { monotonicMs } from "../../../time/browser-clock.ts";

interface Shared {
  readonly key: string;
  readonly at: number;
  readonly control: AbortController;
  readonly answer: Promise<unknown>;
  waiting: number;
  isSettled: boolean;
}

/**
 * Requests that several callers share. Each request is sent once, and aborted when no caller waits for it any more. The
 * answer is cached for a while.
 */
export class SharedRequests {
  readonly #latest = new Map<string, Shared>();

  /**
   * @param what name under which the newest answer is cached
   * @param key key of the request; the cached answer is used only for the same key
   * @param signal aborts the call of this caller; if no other caller waits, the request is aborted
   */
  get<T>(
    what: string,
    key: string,
    signal: AbortSignal,
    send: (signal: AbortSignal) => Promise<T>,
    maxAgeMs = Infinity,
  ): Promise<T> {
    const kept = this.#latest.get(what);
    const isKept = kept?.key === key && monotonicMs() - kept.at < maxAgeMs && !kept.control.signal.aborted;
    const shared = isKept ? kept : this.#begin(what, key, send);
    if (!shared.isSettled) this.#wait(shared, signal);
    return shared.answer as Promise<T>;
  }

  /** Removes a cached answer, so that the next caller sends a new request. */
  forget(what: string): void {
    this.#latest.delete(what);
  }

  #begin(what: string, key: string, send: (signal: AbortSignal) => Promise<unknown>): Shared {
    const control = new AbortController();
    const answer = send(control.signal);
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
      // The request is aborted at the end of the current turn, since another caller may need the same answer before.
      queueMicrotask(() => {
        if (shared.waiting === 0 && !shared.isSettled) shared.control.abort();
      });
    };
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  }
}
