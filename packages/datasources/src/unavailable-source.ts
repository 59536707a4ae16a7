import type { DataQuery, DataSource, Health, QueryAnswer } from "./data-source.ts";
import { QueryFailure } from "./query-failure.ts";

/** Replaces a data source that cannot be opened. It answers every request with the reason. */
export class UnavailableSource implements DataSource {
  readonly #problem: string;

  constructor(problem: string) {
    this.#problem = problem;
  }

  query(queries: readonly DataQuery[]): Promise<ReadonlyMap<string, QueryAnswer>> {
    const answer: QueryAnswer = { frames: [], error: this.#problem, status: 400 };
    return Promise.resolve(new Map(queries.map(({ refId }) => [refId, answer])));
  }

  health(): Promise<Health> {
    return Promise.resolve({ status: "ERROR", message: this.#problem });
  }

  variableValues(): Promise<never> {
    return Promise.reject(new QueryFailure(400, this.#problem));
  }

  annotations(): Promise<never> {
    return Promise.reject(new QueryFailure(400, this.#problem));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
