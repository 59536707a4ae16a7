/** Mutual exclusion of tasks that take several turns of the event loop, first come first served: commits and truncations. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** It is free and nobody waits. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  /** Runs the task when all before it are done; passes its result or error on. */
  async runExclusive<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const done = this.#last.then(task);
    this.#last = done.catch(() => {});
    try {
      return await done;
    } finally {
      this.#waiting--;
    }
  }

  /** Resolves when everything queued so far is done. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
