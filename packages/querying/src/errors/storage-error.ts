import { QueryError } from "@narthex/promql";

/**
 * Converts an error of a query or listing to the error that clients get. All errors except mistakes in the query become
 * storage errors.
 */
export function storageErrorOf(error: unknown): unknown {
  if (error instanceof QueryError || !(error instanceof Error)) return error;
  return new QueryError("storage", error.message, { cause: error });
}
