import type { Matcher } from "@narthex/model";
import type { Querier } from "@narthex/storage";
import type { ResponsePiece } from "../response/response-pieces.ts";
import type { JobContext } from "../evaluation/job-context.ts";

export const TRUNCATED = "results truncated due to limit";

/** The data and functions that are needed to make a listing of stored data. */
export interface ListingContext {
  readonly querier: Querier;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly signal: AbortSignal;
  readonly job: JobContext;
  /**
   * Lets other work run. Must be called between steps, and awaited if it returns a promise. Throws if the listing is
   * out of time.
   */
  readonly yieldToEventLoop: () => Promise<void> | undefined;
}

/** The entries of a listing. Entries are converted to JSON only when the reader asks for the next piece. */
export interface ListingResult {
  readonly warnings: readonly string[];
  /** @param warnings all warnings, which are at the end of the response */
  readonly pieces: (warnings: readonly string[]) => AsyncGenerator<ResponsePiece> | Generator<ResponsePiece>;
}
