/** An item of a batch, and the promise of its outcome. */
interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects the requests of one turn of the event loop and runs them together: a thousand groups that are notified at
 * once need one round trip to the database instead of a thousand.
 */
export class Batch<Item, Outcome> {
  readonly #run: (items: readonly Item[]) => Promise<(item: Item) => Outcome>;
  readonly #limit: number;
  #waiting: Waiting<Item, Outcome>[] = [];

  /**
   * @param limit maximum number of items in a batch
   * @param run runs a batch; its result returns each item's outcome
   */
  constructor(limit: number, run: (items: readonly Item[]) => Promise<(item: Item) => Outcome>) {
    this.#limit = limit;
    this.#run = run;
  }

  add(item: Item): Promise<Outcome> {
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    return new Promise((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
  }

  /** Starts the collected requests, so that they precede later ones to the database. */
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
