import type { Purpose } from "./memory-account.ts";

/**
 * Round-robin scheduling of the jobs of a thread. Jobs of one purpose take turns in the order of their requests. If
 * there are both queries and rules, rules get every other turn, whatever the number of queries. Between two turns the
 * thread reads its messages.
 */
export class RunQueue {
  readonly #waiting: Readonly<Record<Purpose, (() => void)[]>> = { queries: [], rules: [] };
  #last: Purpose = "queries";
  #isArmed = false;

  /** Resolves at the beginning of the next turn. */
  next(purpose: Purpose): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting[purpose].push(resolve);
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    setImmediate(() => {
      this.#isArmed = false;
      this.#begin();
    });
  }

  #begin(): void {
    const other: Purpose = this.#last === "queries" ? "rules" : "queries";
    const purpose = this.#waiting[other].length > 0 ? other : this.#last;
    this.#last = purpose;
    this.#waiting[purpose].shift()!();
    if (this.#waiting.queries.length + this.#waiting.rules.length > 0) this.#arm();
  }
}
