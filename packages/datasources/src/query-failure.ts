import type { QueryAnswer } from "./data-source.ts";

/** A query that cannot be answered: a sentence for whoever asked, and HTTP's word for it. */
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
 * What is answered in place of frames. An error that is no failure of a query is a fault of this program: whoever asked is
 * told that there is one, and it goes along for the log.
 */
export function answerOfFailure(error: unknown): QueryAnswer & { readonly error: string } {
  if (error instanceof QueryFailure) return { frames: [], error: error.message, status: error.status };
  return { frames: [], error: INTERNAL_ERROR, status: 500, fault: error };
}

const INTERNAL_ERROR = "An error within the server was encountered; its log says more";
