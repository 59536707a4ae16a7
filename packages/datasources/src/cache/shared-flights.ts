import { reasonOf } from "@narthex/runtime";

interface Flight {
  readonly answer: Promise<unknown>;
  readonly stopped: AbortController;
  waiting: number;
}

/**
 * Shares running requests: a request waits for the answer of an identical one that is running. A request is cancelled
 * when all its callers have left.
 */
export class SharedFlights {
  readonly #flights = new Map<string, Flight>();
  #shared = 0;

  /** Number of callers that joined a running request. */
  get shared(): number {
    return this.#shared;
  }

  /** Number of running requests. */
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
    // All callers may have left before it fails.
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

  /** Removes the request, so that the next caller with the key starts a new one. */
  #leave(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
