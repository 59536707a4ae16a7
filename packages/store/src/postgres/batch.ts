/** A request in a batch, with the promise for its result. */
interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the requests of one turn of the event loop and sends them as one batch. If a thousand alert groups notify at
 * once, the database is called once instead of a thousand times.
 */
export class Batch<Item, Outcome> {
  readonly #run: (items: readonly Item[]) => Promise<(item: Item) => Outcome>;
  readonly #limit: number;
  #waiting: Waiting<Item, Outcome>[] = [];

  /**
   * @param limit maximum number of requests in a batch
   * @param run makes the requests of a batch, and resolves with a function that returns the result of each
   */
  constructor(limit: number, run: (items: readonly Item[]) => Promise<(item: Item) => Outcome>) {
    this.#limit = limit;
    this.#run = run;
  }

  add(item: Item): Promise<Outcome> {
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    return new Promise((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
  }

  /** Sends the collected requests now, so that they reach the database before later requests. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < waiting.length; at += this.#limit) void this.#go(waiting.slice(at, at + this.#limit));
  }

  async #go(waiting: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomeOf = await this.#run(waiting.map(({ item }) => item));
      for (const { item, resolve } of waiting) resolve(outcomeOf(item));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
