import { QueryFailure } from "./query-failure.ts";

/** A limit of the values that this process makes for one request. */
export class ValueBudget {
  readonly #most: number;
  readonly #refusal: string;
  #taken = 0;

  /** @param refusal the message for a request that needs more values */
  constructor(most: number, refusal: string) {
    this.#most = most;
    this.#refusal = refusal;
  }

  /** Is called before so many values are made. Throws QueryFailure where that is too much for one request. */
  take(values: number): void {
    if (this.#taken + values > this.#most) throw new QueryFailure(422, this.#refusal);
    this.#taken += values;
  }
}

/** What the queries of one request may take together, of however many panels they are. */
export interface RequestBudgets {
  /** By sources that make their numbers up. */
  readonly madeUp: ValueBudget;
  /** By expressions, what they read included. */
  readonly computed: ValueBudget;
  /** Cells of tables, exemplars and heatmaps: a series that lacks a label or a time has an empty cell for it. */
  readonly cells: ValueBudget;
}

export const requestBudgets = (): RequestBudgets => ({
  madeUp: valuesUpTo(2_000_000),
  computed: valuesUpTo(10_000_000),
  cells: new ValueBudget(
    MAX_CELLS,
    `the tables of the request have more than ${MAX_CELLS} cells; ask for fewer series, labels or points`,
  ),
});

/** As many as an answer of a source may have points. A page with more cells in its tables is of no use in a browser. */
const MAX_CELLS = 5_000_000;

const valuesUpTo = (most: number): ValueBudget =>
  new ValueBudget(
    most,
    `the queries of the request make more than ${most} values; ask for fewer series, points or queries`,
  );
