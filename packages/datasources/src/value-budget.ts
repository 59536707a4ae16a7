import { QueryFailure } from "./query-failure.ts";

/** Values that one request may have made up or computed: they take the memory and the time of this process alone. */
export class ValueBudget {
  readonly #most: number;
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Is called before so many values are made. Throws QueryFailure where that is too much for one request. */
  take(values: number): void {
    if (this.#taken + values > this.#most)
      throw new QueryFailure(
        422,
        `the queries of the request make more than ${this.#most} values; ask for fewer series, points or queries`,
      );
    this.#taken += values;
  }
}

/** What the queries of one request may take together, of however many panels they are. */
export interface RequestBudgets {
  /** By sources that make their numbers up. */
  readonly madeUp: ValueBudget;
  /** By expressions, what they read included. */
  readonly computed: ValueBudget;
}

export const requestBudgets = (): RequestBudgets => ({
  madeUp: new ValueBudget(2_000_000),
  computed: new ValueBudget(10_000_000),
});
