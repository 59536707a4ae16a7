import type { Purpose } from "./memory-account.ts";

/**
 * Lets the jobs of a thread take turns. Queries take turns with each other in the order of their requests, and so do
 * rules. If queries and rules wait at the same time, every second turn is for rules. The thread receives messages
 * between two turns.
 */
export class RunQueue {
  readonly #waiting: Readonly<Record<Purpose, (() => void)[]>> = { queries: [], rules: [] };
  #last: Purpose = "queries";
  #isArmed = false;

  /** Resolves when the caller may run. */
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
