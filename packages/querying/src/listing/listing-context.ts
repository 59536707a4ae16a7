import type { Matcher } from "@narthex/model";
import type { Querier } from "@narthex/storage";
import type { ResponsePiece } from "../response/response-pieces.ts";
import type { JobContext } from "../evaluation/job-context.ts";

/** The warning about a result that was cut. */
export const TRUNCATED = "results truncated due to limit";

/** What a listing is made with. */
export interface ListingContext {
  readonly querier: Querier;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly signal: AbortSignal;
  readonly job: JobContext;
  /** To be called between steps, and awaited where it returns a promise. Throws when the listing's time is over. */
  readonly yieldToEventLoop: () => Promise<void> | undefined;
}

/** What was found, to be serialized as it is taken. */
export interface ListingResult {
  readonly warnings: readonly string[];
  /** @param warnings all that were given */
  readonly pieces: (warnings: readonly string[]) => AsyncGenerator<ResponsePiece> | Generator<ResponsePiece>;
}
