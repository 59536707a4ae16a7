/** Pieces of work that use the same memory: each begins when those before it are done. */
export class OneByOne {
  #under: Promise<unknown> | undefined;

  /** What is not held up, and takes no turns itself, is done at once. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    while (this.#under !== undefined) await this.#under;
    const result = work();
    if (!(result instanceof Promise)) return result;
    const over = (): void => void (this.#under = undefined);
    this.#under = result.then(over, over);
    return result;
  }
}
