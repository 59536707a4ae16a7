import type { QueryStats } from "./query-result.ts";

/** Reason why a query ended without a result; the HTTP layer maps these to error types and status codes. */
export type QueryErrorKind = "timeout" | "canceled" | "too-many-samples" | "execution" | "storage" | "bad-query";

/** A query's own failure. The message is Prometheus' text. */
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

/** An error of the evaluation itself: bad arguments, ambiguous matches, duplicate series. */
export const executionError = (message: string): QueryError => new QueryError("execution", message);

export const SAME_LABELSET = "vector cannot contain metrics with the same labelset";
