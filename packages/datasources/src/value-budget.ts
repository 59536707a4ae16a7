import { QueryFailure } from "./query-failure.ts";

/** Limits the number of values that this process makes for one request. */
export class ValueBudget {
  readonly #most: number;
  readonly #refusal: string;
  #taken = 0;

  /** @param refusal the message for a request that needs more values */
  constructor(most: number, refusal: string) {
    this.#most = most;
    this.#refusal = refusal;
  }

  /** Call it before values are made. Throws QueryFailure if the request exceeds the limit. */
  take(values: number): void {
    if (this.#taken + values > this.#most) throw new QueryFailure(422, this.#refusal);
    this.#taken += values;
  }
}

/** Limits for the queries of one request together, whatever the number of its panels. */
export interface RequestBudgets {
  /** Values of sources that generate data. */
  readonly madeUp: ValueBudget;
  /** Values of expressions, including those that they read. */
  readonly computed: ValueBudget;
  /** Cells of tables, exemplars and heatmaps, including empty cells for missing labels and times. */
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

/** The largest number of points in an answer of a source. A browser cannot use tables with more cells. */
const MAX_CELLS = 5_000_000;

const valuesUpTo = (most: number): ValueBudget =>
  new ValueBudget(
    most,
    `the queries of the request make more than ${most} values; ask for fewer series, points or queries`,
  );
