/** Runs asynchronous tasks one at a time, in the order of the calls. */
export class Mutex {
  #last: Promise<void> = Promise.resolve();
  #pending = 0;

  /** True if no task runs or waits. */
  get idle(): boolean {
    return this.#pending === 0;
  }

  /**
   * Runs the task after all earlier tasks have ended. Returns its result, or rejects with its error. If the mutex is
   * idle, the task begins immediately, so a synchronous task has ended when runExclusive() returns.
   */
  async runExclusive<T>(task: () => T | Promise<T>): Promise<T> {
    const before = this.idle ? undefined : this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    this.#pending++;
    try {
      if (before !== undefined) await before;
      return await task();
    } finally {
      this.#pending--;
      resolve();
    }
  }

  /** Resolves when all earlier tasks have ended. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
