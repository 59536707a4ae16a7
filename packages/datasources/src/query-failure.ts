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

/** What is answered in place of frames. Errors that are no failures of a query are told as one of the gateway. */
export function answerOfFailure(error: unknown): QueryAnswer {
  if (error instanceof QueryFailure) return { frames: [], error: error.message, status: error.status };
  return { frames: [], error: error instanceof Error ? error.message : String(error), status: 502 };
}
