import type { Matcher } from "@narthex/model";
import type { Querier } from "@narthex/storage";
import type { ResponsePiece } from "../response/response-pieces.ts";
import type { JobContext } from "../evaluation/job-context.ts";

/** The warning about a truncated result. */
export const TRUNCATED = "results truncated due to limit";

/** The data and functions with which a listing is made. */
export interface ListingContext {
  readonly querier: Querier;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly signal: AbortSignal;
  readonly job: JobContext;
  /**
   * Must be called between steps. If it returns a promise, the promise must be awaited. Throws when the listing is out
   * of time.
   */
  readonly yieldToEventLoop: () => Promise<void> | undefined;
}

/** The entries that were found. The entries are serialized while the reader takes the pieces. */
export interface ListingResult {
  readonly warnings: readonly string[];
  /** @param warnings all warnings of the listing */
  readonly pieces: (warnings: readonly string[]) => AsyncGenerator<ResponsePiece> | Generator<ResponsePiece>;
}
