import { compareBytewise, goJson, type Matcher } from "@narthex/model";
import { mergeSortedStrings } from "@narthex/tsdb";
import { JsonBytes } from "../response/json-bytes.ts";
import { type ResponsePiece, PIECE_BYTES, type PieceOptions, PieceWriter } from "../response/response-pieces.ts";
import type { SearchListing } from "./listing.ts";
import type { ListingContext, ListingResult } from "./listing-context.ts";
import { wordScore } from "./word-filter.ts";

/** Approximate memory in bytes of a label name or value. */
const WORD_BYTES = 64;
/** Number of names or values that are scored before the deadline is checked again. */
const STRIDE = 256;

interface FoundWord {
  readonly word: string;
  readonly score: number;
}

/**
 * Writes the label names, or the values of one label, that match a search, in the format of Prometheus' search API:
 * JSON objects on separate lines.
 */
export async function listSearch(listing: SearchListing, context: ListingContext): Promise<ListingResult> {
  const found = await foundWords(listing, await allWords(listing, context), context);
  const isCut = listing.limit > 0 && found.length > listing.limit;
  const shown = isCut ? found.slice(0, listing.limit) : found;
  return { warnings: [], pieces: (warnings) => linesOf(listing, shown, isCut, warnings, context.job) };
}

async function allWords(
  { label }: SearchListing,
  { querier, selectors, signal, job, yieldToEventLoop }: ListingContext,
): Promise<readonly string[]> {
  const hints = { signal, memory: job.charge };
  const list = (matchers: readonly Matcher[]): Promise<readonly string[]> =>
    label === undefined ? querier.labelNames(matchers, hints) : querier.labelValues(label, matchers, hints);
  const lists: (readonly string[])[] = [];
  for (const matchers of selectors.length === 0 ? [[]] : selectors) {
    const words = await list(matchers);
    job.charge.take(WORD_BYTES * words.length);
    lists.push(words);
    await yieldToEventLoop();
  }
  return mergeSortedStrings(lists);
}

/**
 * Returns the matching names or values in the requested order. If there are more than `limit`, returns `limit` + 1 of
 * them.
 */
async function foundWords(
  { filter, order, limit }: SearchListing,
  words: readonly string[],
  { yieldToEventLoop, job }: ListingContext,
): Promise<readonly FoundWord[]> {
  const most = order === "score" || limit === 0 ? Infinity : limit + 1;
  const scoreOf = wordScore(filter);
  const found: FoundWord[] = [];
  for (let i = 0; i < words.length && found.length < most; i++) {
    const pause = i % STRIDE === STRIDE - 1 ? yieldToEventLoop() : undefined;
    if (pause !== undefined) await pause;
    const word = words[order === "descending" ? words.length - 1 - i : i]!;
    const score = scoreOf(word);
    if (score !== undefined) found.push({ word, score });
  }
  job.charge.take(WORD_BYTES * found.length);
  if (order === "score") found.sort((a, b) => b.score - a.score || compareBytewise(a.word, b.word));
  return found;
}

/** Writes the results in batches, and then a final line. The first batch is written even if it is empty. */
function* linesOf(
  { field, batchSize, withScore }: SearchListing,
  found: readonly FoundWord[],
  hasMore: boolean,
  warnings: readonly string[],
  options: PieceOptions,
): Generator<ResponsePiece> {
  const out = new JsonBytes(4096);
  const cutter = new PieceWriter(options);
  for (let from = 0; from === 0 || from < found.length; from += batchSize) {
    out.text('{"results":[');
    const end = Math.min(from + batchSize, found.length);
    for (let i = from; i < end; i++) {
      const { word, score } = found[i]!;
      out.text(`${i === from ? "" : ","}{"${field}":${goJson(word)}${withScore ? `,"score":${score}` : ""}}`);
      if (out.length >= PIECE_BYTES) yield cutter.cut(out, false);
    }
    out.text(from === 0 && warnings.length > 0 ? `],"warnings":${goJson(warnings.toSorted())}}\n` : "]}\n");
  }
  out.text(`{"status":"success","has_more":${hasMore}}\n`);
  yield cutter.cut(out, true);
}
