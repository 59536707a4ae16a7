import { goJson, type Matcher } from "@narthex/model";
import { mergeSortedStrings } from "@narthex/tsdb";
import { type ResponsePiece, PIECE_BYTES, type PieceOptions, PieceWriter } from "../response/response-pieces.ts";
import { JsonBytes } from "../response/json-bytes.ts";
import type { LabelListing } from "./listing.ts";
import { type ListingResult, type ListingContext, TRUNCATED } from "./listing-context.ts";

const COMMA = 0x2c;
/** Approximate memory in bytes of a label name or value. */
const WORD_BYTES = 64;

/** Writes the label names, or the values of one label, sorted. */
export async function listWords(listing: LabelListing, context: ListingContext): Promise<ListingResult> {
  const { querier, selectors, signal, job } = context;
  // Requests one more word than the limit, to find out whether there are more words.
  const limited = listing.limit === 0 ? {} : { limit: listing.limit + 1 };
  const hints = { signal, memory: job.charge, ...limited };
  const list = (matchers: readonly Matcher[]): Promise<readonly string[]> =>
    listing.kind === "label values"
      ? querier.labelValues(listing.name, matchers, hints)
      : querier.labelNames(matchers, hints);
  const lists: (readonly string[])[] = [];
  for (const matchers of selectors.length === 0 ? [[]] : selectors) {
    const words = await list(matchers);
    job.charge.take(WORD_BYTES * words.length);
    lists.push(words);
    await context.yieldToEventLoop();
  }
  const found = mergeSortedStrings(lists, limited.limit);
  const isCut = listing.limit > 0 && found.length > listing.limit;
  const count = isCut ? listing.limit : found.length;
  return { warnings: isCut ? [TRUNCATED] : [], pieces: () => piecesOf(found, count, job) };
}

function* piecesOf(words: readonly string[], count: number, options: PieceOptions): Generator<ResponsePiece> {
  const out = new JsonBytes(4096);
  const cutter = new PieceWriter(options);
  out.text('{"status":"success","data":[');
  for (let i = 0; i < count; i++) {
    if (i > 0) out.byte(COMMA);
    out.text(goJson(words[i]!));
    if (out.length >= PIECE_BYTES) yield cutter.cut(out, false);
  }
  out.text("]");
  yield cutter.cut(out, true);
}
