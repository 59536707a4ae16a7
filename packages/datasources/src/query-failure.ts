import type { QueryAnswer } from "./data-source.ts";

/** Thrown if a query cannot be answered. Contains a sentence for the user, and an HTTP status. */
export class QueryFailure extends Error {
  override readonly name = "QueryFailure";
  /** HTTP status: 400, 422, 502, 504 and others. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Returns the answer for a failed query. An error that is not a QueryFailure is a bug: the client then only gets a
 * general message, and the error itself is logged.
 */
export function answerOfFailure(error: unknown): QueryAnswer & { readonly error: string } {
  if (error instanceof QueryFailure) return { frames: [], error: error.message, status: error.status };
  return { frames: [], error: INTERNAL_ERROR, status: 500, fault: error };
}

const INTERNAL_ERROR = "An error within the server was encountered; its log says more";
