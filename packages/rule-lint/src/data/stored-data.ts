/** Result of an instant query, as far as the checks need it. */
export interface InstantResult {
  /** Number of series in the result. */
  readonly series: number;
  /** Largest value of the result; undefined if the result has no number. */
  readonly greatest: number | undefined;
  /** Number of samples that the query read. */
  readonly samplesRead: number;
}

/** Read access to stored series, for checks that compare rules with data. Times are Unix ms. */
export interface StoredData {
  /** Evaluates an expression at one time. Rejects with DataError if this fails. */
  instant(expression: string, time: number): Promise<InstantResult>;
  /**
   * Evaluates an expression at several times. Resolves with the latest time at which it has a result, or undefined.
   * Rejects with DataError if this fails.
   */
  lastResult(expression: string, start: number, end: number, step: number): Promise<number | undefined>;
  /** Returns the types of a metric by its metadata, such as `counter`. Resolves with an empty list if unknown. */
  metricTypes(metric: string): Promise<readonly string[]>;
}

/** The data could not be read. The message is shown to the user. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** Maximum number of results that are kept. */
const MAX_KEPT = 20_000;

/**
 * Keeps results, and limits the number of queries. After the limit, each query is rejected with DataError, and
 * `isExhausted` is true.
 */
export class LimitedData implements StoredData {
  readonly #data: StoredData;
  readonly #results = new Map<string, Promise<unknown>>();
  readonly #isLate: () => boolean;
  #left: number;
  isExhausted = false;

  /** @param isLate returns true when no further query may begin */
  constructor(data: StoredData, maxQueries: number, isLate: () => boolean) {
    this.#data = data;
    this.#left = maxQueries;
    this.#isLate = isLate;
  }

  instant(expression: string, time: number): Promise<InstantResult> {
    return this.#once(`i ${time} ${expression}`, () => this.#data.instant(expression, time));
  }

  lastResult(expression: string, start: number, end: number, step: number): Promise<number | undefined> {
    const key = `r ${start} ${end} ${step} ${expression}`;
    return this.#once(key, () => this.#data.lastResult(expression, start, end, step));
  }

  metricTypes(metric: string): Promise<readonly string[]> {
    return this.#once(`m ${metric}`, () => this.#data.metricTypes(metric));
  }

  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#results.get(key);
    if (known !== undefined) return known as Promise<T>;
    if (this.#left <= 0 || this.#isLate()) {
      this.isExhausted = true;
      return Promise.reject(new DataError("the limit of queries or of their time is reached"));
    }
    this.#left--;
    const asked = ask();
    if (this.#results.size < MAX_KEPT) this.#results.set(key, asked);
    return asked;
  }
}
