import type { Matcher } from "@narthex/model";
import type { LabelHints } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import { smallestStrings } from "../head/query/smallest-strings.ts";
import { forEachCandidate } from "./block-selection.ts";
import { candidatesFor, maxCandidates } from "./series-for-matchers.ts";
import { SymbolTexts } from "./symbol-texts.ts";

/** Returns the label names of a block's matching series, sorted. Throws BlockError. */
export async function labelNamesOf(
  block: Block,
  matchers: readonly Matcher[],
  hints: LabelHints,
): Promise<readonly string[]> {
  if (matchers.length === 0) return limited(block.labelNames(), hints);
  const symbols = new Set<number>();
  const texts = new SymbolTexts(block);
  await forEachCandidate(block, candidatesFor(block, matchers, texts), hints, (entry) => {
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
  const symbols = new Set<number>();
  const texts = new SymbolTexts(block);
  await forEachCandidate(block, candidatesFor(block, matchers, texts), hints, (entry) => {
    symbols.add(texts.valueOf(entry, name));
    return true;
  });
  symbols.delete(-1);
  return sortedTexts(symbols, texts, hints);
}

/** Returns an upper limit of the number of series, names and values that a listing of a block visits. */
export function maxListedOf(block: Block, matchers: readonly Matcher[], label: string | undefined): number {
  if (matchers.length > 0) return maxCandidates(block, matchers);
  return label === undefined ? block.labelNameCount : block.labelValueCount(label);
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
