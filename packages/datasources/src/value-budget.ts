import { QueryFailure } from "./query-failure.ts";

/** Limits the number of values that this process creates for one request. */
export class ValueBudget {
  readonly #most: number;
  readonly #refusal: string;
  #taken = 0;

  /** @param refusal message for a request that needs more values */
  constructor(most: number, refusal: string) {
    this.#most = most;
    this.#refusal = refusal;
  }

  /** Must be called before values are created. Throws QueryFailure if the request exceeds the limit. */
  take(values: number): void {
    if (this.#taken + values > this.#most) throw new QueryFailure(422, this.#refusal);
    this.#taken += values;
  }
}

/** Number of bytes of texts that count as one cell, because long texts need as much memory as many cells. */
const BYTES_OF_CELL = 64;

/** Counts the texts of an answer in a budget of cells, as far as the answer has more of them than its cells explain. */
export class LongTexts {
  readonly #cells: ValueBudget;
  #bytes = 0;
  #explained = 0;

  constructor(cells: ValueBudget) {
    this.#cells = cells;
  }

  /** Notes cells that the caller has counted. */
  counted(cells: number): void {
    this.#explained += cells;
  }

  /** Counts bytes of the answer. Throws QueryFailure if the request has too many. */
  take(bytes: number): void {
    this.#bytes += bytes;
    const more = Math.floor(this.#bytes / BYTES_OF_CELL) - this.#explained;
    if (more <= 0) return;
    this.#explained += more;
    this.#cells.take(more);
  }
}

/** Limits that all queries of a request share, whatever the number of its panels. */
export interface RequestBudgets {
  /** Limits the number of values from data sources that generate data. */
  readonly madeUp: ValueBudget;
  /** Limit for values that expressions read and compute. */
  readonly computed: ValueBudget;
  /**
   * Limits the number of cells in tables, exemplars and heatmaps. Empty cells for missing labels and times count too.
   */
  readonly cells: ValueBudget;
  /** Limits the values of series: times, numbers and buckets. Labels and legends count too. */
  readonly series: ValueBudget;
}

export const requestBudgets = (): RequestBudgets => ({
  madeUp: valuesUpTo(2_000_000),
  computed: valuesUpTo(10_000_000),
  cells: new ValueBudget(
    MAX_CELLS,
    `the tables of the request have more than ${MAX_CELLS} cells; ask for fewer series, labels or points`,
  ),
  series: new ValueBudget(
    MAX_SERIES_VALUES,
    `the series of the request have more than ${MAX_SERIES_VALUES} times and values; ask for fewer series, points or queries`,
  ),
});

/**
 * Largest number of cells in all tables of a request, equal to the largest number of points that an answer may have.
 * Browsers cannot handle larger tables.
 */
const MAX_CELLS = 5_000_000;

/**
 * Largest number of times and values in all series of a request. Two of the largest answers, which have 5,000,000
 * points, fit. The queries of dashboards need far less.
 */
const MAX_SERIES_VALUES = 24_000_000;

const valuesUpTo = (most: number): ValueBudget =>
  new ValueBudget(
    most,
    `the queries of the request make more than ${most} values; ask for fewer series, points or queries`,
  );
