import { QueryError } from "@narthex/promql";

/**
 * Converts an error of a reading job to the error that clients get. Everything except a mistake in the query is a
 * storage error.
 */
export function storageErrorOf(error: unknown): unknown {
  if (error instanceof QueryError || !(error instanceof Error)) return error;
  return new QueryError("storage", error.message, { cause: error });
}
