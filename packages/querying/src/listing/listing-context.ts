import type { Matcher } from "@narthex/model";
import type { Querier } from "@narthex/storage";
import type { ResponsePiece } from "../response/response-pieces.ts";
import type { JobContext } from "../evaluation/job-context.ts";

/** The warning for a truncated result. */
export const TRUNCATED = "results truncated due to limit";

/** The context in which a listing is made. */
export interface ListingContext {
  readonly querier: Querier;
  readonly selectors: readonly (readonly Matcher[])[];
  readonly signal: AbortSignal;
  readonly job: JobContext;
  /** Call it between steps, and await the result if it is a promise. Throws when the listing's time is over. */
  readonly yieldToEventLoop: () => Promise<void> | undefined;
}

/** The found entries, which are serialized while the reader takes the pieces. */
export interface ListingResult {
  readonly warnings: readonly string[];
  /** @param warnings all warnings of the listing */
  readonly pieces: (warnings: readonly string[]) => AsyncGenerator<ResponsePiece> | Generator<ResponsePiece>;
}
