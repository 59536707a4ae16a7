import { reasonOf } from "@narthex/runtime";

interface Flight {
  readonly answer: Promise<unknown>;
  readonly stopped: AbortController;
  waiting: number;
}

/** What is asked while the same is under way waits for that answer. It is given up when nobody waits any more. */
export class SharedFlights {
  readonly #flights = new Map<string, Flight>();
  #shared = 0;

  /** How many askers took an answer that was under way for another. */
  get shared(): number {
    return this.#shared;
  }

  /** How many are under way. */
  get active(): number {
    return this.#flights.size;
  }

  /**
   * The answer for a key; `run` is called unless one is under way. Rejects with the signal's reason when it is aborted.
   *
   * @param key says all that the answer depends on
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
    // Everyone may have gone before it fails.
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

  /** From now on the key is asked anew. */
  #leave(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
