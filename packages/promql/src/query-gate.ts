/** Limits how many queries (or rules) run at the same time. Further queries wait in the order of their arrival. */
export class QueryGate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Number of queries that wait until they may run. */
  get waiting(): number {
    return this.#waiting.length;
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
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason);
      };
      this.#waiting.push(enter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
