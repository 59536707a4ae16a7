import type { DataQuery, DataSource, Health, QueryAnswer } from "./data-source.ts";
import { QueryFailure } from "./query-failure.ts";

/**
 * Replaces a data source that cannot be opened, or that the sender of a request may not query. The source answers every
 * request with the reason.
 */
export class UnavailableSource implements DataSource {
  readonly #problem: string;
  readonly #status: number;

  /** @param status HTTP status of the answers */
  constructor(problem: string, status = 400) {
    this.#problem = problem;
    this.#status = status;
  }

  query(queries: readonly DataQuery[]): Promise<ReadonlyMap<string, QueryAnswer>> {
    const answer: QueryAnswer = { frames: [], error: this.#problem, status: this.#status };
    return Promise.resolve(new Map(queries.map(({ refId }) => [refId, answer])));
  }

  health(): Promise<Health> {
    return Promise.resolve({ status: "ERROR", message: this.#problem });
  }

  variableValues(): Promise<never> {
    return Promise.reject(new QueryFailure(this.#status, this.#problem));
  }

  annotations(): Promise<never> {
    return Promise.reject(new QueryFailure(this.#status, this.#problem));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
