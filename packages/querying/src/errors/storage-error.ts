import { QueryError } from "@narthex/promql";

/** What failed while a job read, as clients are told: all but a query's own mistake is the storage's fault. */
export function storageErrorOf(error: unknown): unknown {
  if (error instanceof QueryError || !(error instanceof Error)) return error;
  return new QueryError("storage", error.message, { cause: error });
}
