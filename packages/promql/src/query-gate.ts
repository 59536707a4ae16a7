/** Limits how many queries, or other work, run at the same time. Further queries wait in the order of their arrival. */
export class QueryGate {
  #free: number;
  /** Functions that let a waiting query run, in the order of arrival. */
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Number of queries that wait until they may run. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /**
   * Lets a query run if the limit allows it. Returns a function that the query must call at its end, or undefined if
   * the limit is reached.
   */
  tryAcquire(): (() => void) | undefined {
    if (this.#free <= 0) return undefined;
    this.#free--;
    return this.#release();
  }

  /**
   * Waits until a query may run, and resolves with a function that the query must call at its end. Rejects with the
   * signal's reason if the signal aborts first.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const free = this.tryAcquire();
    if (free !== undefined) return free;
    await this.#turn(signal);
    return this.#release();
  }

  #release(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const [next] = this.#waiting;
      if (next === undefined) this.#free++;
      else next();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        this.#waiting.delete(enter);
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.delete(enter);
        reject(signal.reason);
      };
      this.#waiting.add(enter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
