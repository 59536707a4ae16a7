import type { QueryStats } from "./query-result.ts";

/** Reason why a query failed. The HTTP layer maps it to an error type and a status code. */
export type QueryErrorKind = "timeout" | "canceled" | "too-many-samples" | "execution" | "storage" | "bad-query";

/** Failure of a query. The message is the text of Prometheus. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly kind: QueryErrorKind;
  /** Statistics of the query up to the error, for the query log and the metrics. */
  stats: QueryStats | undefined;

  constructor(kind: QueryErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Returns an error of the evaluation, for example for ambiguous matches or duplicate series. */
export const executionError = (message: string): QueryError => new QueryError("execution", message);

export const SAME_LABELSET = "vector cannot contain metrics with the same labelset";
