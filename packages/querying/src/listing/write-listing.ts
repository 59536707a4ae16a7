import { eventLoopYielder, Deadline, parseSelectors, QUERY_LIMITS, QueryError } from "@narthex/promql";
import type { Clock } from "@narthex/runtime";
import type { Matcher } from "@narthex/model";
import type { Querier, Queryable } from "@narthex/storage";
import type { ResponsePiece } from "../response/response-pieces.ts";
import type { JobContext, WrittenResponse } from "../evaluation/job-context.ts";
import type { SelectorListing } from "./listing.ts";
import { listFederation } from "./federation.ts";
import type { ListingResult, ListingContext } from "./listing-context.ts";
import { listSearch } from "./search-list.ts";
import { listSeries } from "./series-list.ts";
import { listWords } from "./word-list.ts";
import { storageErrorOf } from "../errors/storage-error.ts";

/**
 * Makes a listing of stored data. Creates the response while the reader takes it, and keeps the storage open until the
 * response is complete. Rejects with a QueryError, which is "bad-query" for an invalid selector.
 */
export async function writeListing(
  listing: SelectorListing,
  queryable: Queryable,
  job: JobContext,
  clock: Clock,
): Promise<WrittenResponse> {
  const selectors = readSelectors(listing);
  const deadline = new Deadline(clock, job.timeoutMs, job.signal);
  deadline.stage = "query execution";
  // Uses only the data of this server for federation.
  const { local = queryable } = queryable;
  const querier = (listing.kind === "federation" ? local : queryable).querier(listing.start, listing.end);
  try {
    const yieldToEventLoop = eventLoopYielder(clock, deadline, job.yieldTurn);
    const { signal } = deadline;
    const { warnings, pieces } = await gather(listing, { querier, selectors, signal, job, yieldToEventLoop });
    const all = [...new Set([...(querier.warnings ?? []), ...warnings])];
    return { annotations: { warnings: all, infos: [] }, pieces: thenClosed(pieces(all), querier) };
  } catch (error) {
    querier.close();
    throw storageErrorOf(deadline.translate(error));
  } finally {
    deadline.close();
  }
}

function gather(listing: SelectorListing, context: ListingContext): Promise<ListingResult> {
  switch (listing.kind) {
    case "series":
      return listSeries(listing, context);
    case "label names":
    case "label values":
      return listWords(listing, context);
    case "search":
      return listSearch(listing, context);
    case "federation":
      return listFederation(listing, context);
  }
}

async function* thenClosed(
  pieces: AsyncGenerator<ResponsePiece> | Generator<ResponsePiece>,
  querier: Querier,
): AsyncGenerator<ResponsePiece> {
  try {
    yield* pieces;
  } finally {
    querier.close();
  }
}

/**
 * Parses the selectors of a listing. A selector must have a matcher that does not match an absent label, because it
 * would otherwise select all series. This rule does not apply to federation.
 */
function readSelectors({ kind, match }: SelectorListing): readonly (readonly Matcher[])[] {
  const parsed = parseSelectors(match, QUERY_LIMITS);
  if (!parsed.ok) throw new QueryError("bad-query", parsed.errors[0].toString());
  const isTooWide = (matchers: readonly Matcher[]): boolean => matchers.every((matcher) => matcher.matchesEmpty);
  if (kind !== "federation" && parsed.selectors.some(isTooWide))
    throw new QueryError("bad-query", "match[] must contain at least one non-empty matcher");
  return parsed.selectors;
}

/** Converts an error of the storage to the error that Prometheus reports. */
