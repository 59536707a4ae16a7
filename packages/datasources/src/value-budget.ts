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
