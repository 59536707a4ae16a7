import type { Matcher } from "@narthex/model";
import type { LabelHints } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import { smallestStrings } from "../head/query/smallest-strings.ts";
import { forEachCandidate } from "./block-selection.ts";
import { intersects } from "./postings-sets.ts";
import { candidatesFor, haveExactValues, maxCandidates } from "./series-for-matchers.ts";
import { SymbolTexts } from "./symbol-texts.ts";

/** Number of postings that are read in the time in which the labels of a series are read. */
const SERIES_COST = 64;
/** Number of postings that are read in the time in which a value of a label and the start of its list are read. */
const LIST_COST = 64;

/** Returns the label names of a block's matching series, sorted. Throws BlockError. */
export async function labelNamesOf(
  block: Block,
  matchers: readonly Matcher[],
  hints: LabelHints,
): Promise<readonly string[]> {
  if (matchers.length === 0) return limited(block.labelNames(), hints);
  const symbols = new Set<number>();
  const texts = new SymbolTexts(block);
  await forEachCandidate(candidatesFor(block, matchers, texts), readLabels(block), hints, (entry) => {
    for (let i = 0; i < entry.labelCount; i++) symbols.add(entry.labels[i * 2]!);
    return true;
  });
  return sortedTexts(symbols, texts, hints);
}

/** Returns the values of a label among a block's matching series, sorted. Throws BlockError. */
export async function labelValuesOf(
  block: Block,
  name: string,
  matchers: readonly Matcher[],
  hints: LabelHints,
): Promise<readonly string[]> {
  if (matchers.length === 0) return limited(block.labelValues(name), hints);
  const texts = new SymbolTexts(block);
  const candidates = candidatesFor(block, matchers, texts);
  if (candidates.areExact && listsCost(block, name) <= candidates.refs.length * SERIES_COST)
    return limited(valuesWithSeries(block, name, candidates.refs), hints);
  const symbols = new Set<number>();
  await forEachCandidate(candidates, readLabels(block), hints, (entry) => {
    symbols.add(texts.valueOf(entry, name));
    return true;
  });
  symbols.delete(-1);
  return sortedTexts(symbols, texts, hints);
}

const readLabels = (block: Block): Block["seriesLabels"] => block.seriesLabels.bind(block);

/** Returns the values of a label whose postings lists contain any of the series, sorted. */
function valuesWithSeries(block: Block, name: string, refs: Uint32Array): string[] {
  const found: string[] = [];
  let current = "";
  const keep = (value: string): boolean => {
    current = value;
    return true;
  };
  block.forEachPostings(name, keep, (list) => {
    if (intersects(refs, list)) found.push(current);
  });
  return found;
}

/** Returns an upper limit of the cost of reading all postings lists of a label, in postings. */
const listsCost = (block: Block, name: string): number =>
  block.postingsCount("", "") + block.labelValueCount(name) * LIST_COST;

/**
 * Returns an upper limit of the number of series, names and values that a listing of a block visits. A listing that
 * reads postings lists instead of series counts as the number of series that are read in the same time.
 */
export function maxListedOf(block: Block, matchers: readonly Matcher[], label: string | undefined): number {
  if (matchers.length === 0) return label === undefined ? block.labelNameCount : block.labelValueCount(label);
  const series = maxCandidates(block, matchers);
  if (label === undefined || !haveExactValues(matchers)) return series;
  return Math.min(series, Math.ceil(listsCost(block, label) / SERIES_COST));
}

function sortedTexts(symbols: Iterable<number>, texts: SymbolTexts, hints: LabelHints): readonly string[] {
  hints.signal?.throwIfAborted();
  const found = Array.from(symbols, (symbol) => texts.text(symbol));
  return smallestStrings(found, hints.limit || Infinity);
}

function limited(words: readonly string[], { limit, signal }: LabelHints): readonly string[] {
  signal?.throwIfAborted();
  return limit ? words.slice(0, limit) : words;
}
