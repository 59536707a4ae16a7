import type { QueryAnswer } from "./data-source.ts";

/** A query cannot be answered: a sentence for the user, and an HTTP status. */
export class QueryFailure extends Error {
  override readonly name = "QueryFailure";
  /** 400, 422, 502, 504 … */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Returns the answer for a failed query. Any other error is a bug: the user only learns that there is one, and the
 * error is returned for the log.
 */
export function answerOfFailure(error: unknown): QueryAnswer & { readonly error: string } {
  if (error instanceof QueryFailure) return { frames: [], error: error.message, status: error.status };
  return { frames: [], error: INTERNAL_ERROR, status: 500, fault: error };
}

const INTERNAL_ERROR = "An error within the server was encountered; its log says more";
