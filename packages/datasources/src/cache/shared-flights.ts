import { reasonOf } from "@narthex/runtime";

interface Flight {
  readonly answer: Promise<unknown>;
  readonly stopped: AbortController;
  waiting: number;
}

/**
 * Shares running requests between callers. If an identical request is running, a caller waits for its answer instead of
 * sending another. A request is cancelled when all its callers have disconnected.
 */
export class SharedFlights {
  readonly #flights = new Map<string, Flight>();
  #shared = 0;

  /** Number of callers that have joined a request which was already running. */
  get shared(): number {
    return this.#shared;
  }

  get active(): number {
    return this.#flights.size;
  }

  /**
   * Resolves with the answer for a key. Calls `run` unless a request with this key is running. Rejects with the error
   * of `run`, or with the signal's reason when it is aborted.
   *
   * @param key everything that the answer depends on
   */
  async join<T>(key: string, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) throw reasonOf(signal);
    let flight = this.#flights.get(key);
    if (flight === undefined) flight = this.#begin(key, run);
    else this.#shared++;
    return this.#wait<T>(key, flight, signal);
  }

  #begin(key: string, run: (signal: AbortSignal) => Promise<unknown>): Flight {
    const stopped = new AbortController();
    const flight: Flight = { answer: run(stopped.signal).finally(() => this.#leave(key, flight)), stopped, waiting: 0 };
    // Prevents an unhandled rejection if the request fails after all its callers have disconnected.
    flight.answer.catch(() => undefined);
    this.#flights.set(key, flight);
    return flight;
  }

  #wait<T>(key: string, flight: Flight, signal: AbortSignal): Promise<T> {
    flight.waiting++;
    return new Promise<T>((resolve, reject) => {
      const gone = (): void => {
        reject(reasonOf(signal));
        if (--flight.waiting > 0) return;
        this.#leave(key, flight);
        flight.stopped.abort(reasonOf(signal));
      };
      signal.addEventListener("abort", gone, { once: true });
      flight.answer
        .then((answer) => resolve(answer as T), reject)
        .finally(() => signal.removeEventListener("abort", gone));
    });
  }

  /** Removes a request, so that the next caller with the same key sends a new request. */
  #leave(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
