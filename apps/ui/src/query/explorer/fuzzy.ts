import UFuzzy from "@leeoniya/ufuzzy";

/** A name that matches, and the positions of its letters that did. */
export interface FuzzyMatch {
  readonly text: string;
  readonly positions: readonly number[];
}

/** Letters of a word may stand apart, as in `nctot` for `node_cpu_seconds_total`. */
const matcher = new UFuzzy({ intraIns: Number.POSITIVE_INFINITY, intraChars: "." });
/** Matches are ranked up to this number; among more the pattern says too little for an order. */
const rankedLimit = 20_000;

function positionsIn(ranges: readonly number[]): number[] {
  const positions: number[] = [];
  for (let pair = 0; pair < ranges.length; pair += 2) {
    for (let at = ranges[pair] ?? 0; at < (ranges[pair + 1] ?? 0); at++) positions.push(at);
  }
  return positions;
}

/** Names that contain a pattern's words in any order, each by its letters in order; best first. An empty pattern keeps all. */
export function fuzzyFilter(pattern: string, names: readonly string[]): FuzzyMatch[] {
  const whole = (text: string): FuzzyMatch => ({ text, positions: [] });
  const words = pattern.trim();
  if (words === "") return names.map(whole);
  const [indexes, info, order] = matcher.search([...names], words, 1, rankedLimit);
  // Signs and letters of other alphabets are no words to the matcher.
  if (indexes === null) return names.filter((name) => name.toLowerCase().includes(words.toLowerCase())).map(whole);
  if (info === null || order === null) return indexes.map((index) => whole(names[index] ?? ""));
  return order.map((at) => ({
    text: names[info.idx[at] ?? 0] ?? "",
    positions: positionsIn(info.ranges[at] ?? []),
  }));
}
