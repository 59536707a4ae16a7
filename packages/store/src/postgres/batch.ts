/** An item of a batch, and who waits for what becomes of it. */
interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what one turn of the event loop asks for, and does it in one go: a thousand groups that are told at once make
 * one trip to the database instead of a thousand.
 */
export class Batch<Item, Outcome> {
  readonly #run: (items: readonly Item[]) => Promise<(item: Item) => Outcome>;
  readonly #limit: number;
  #waiting: Waiting<Item, Outcome>[] = [];

  /**
   * @param limit most items of one go
   * @param run does it; its result gives each item's outcome
   */
  constructor(limit: number, run: (items: readonly Item[]) => Promise<(item: Item) => Outcome>) {
    this.#limit = limit;
    this.#run = run;
  }

  add(item: Item): Promise<Outcome> {
    if (this.#waiting.length === 0) setImmediate(() => this.flush());
    return new Promise((resolve, reject) => this.#waiting.push({ item, resolve, reject }));
  }

  /** Starts what has been gathered so far: what is sent to the database afterwards comes after it. */
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
