/** Lets tasks take turns, first come first served: changes of the head that take several turns of the event loop. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Nobody has the turn and nobody waits. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  /** Runs the task when all before it are done; passes its result or error on. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    this.#waiting++;
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  /** Resolves when everything queued so far is done. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
