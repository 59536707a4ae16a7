import { compareBytewise } from "@narthex/model";

/** Words kept beyond the limit before those above it go. */
const SPARE = 64;

/** The first `limit` of the words in byte order, sorted: with few of many most are looked at once. */
export function smallestStrings(words: Iterable<string>, limit: number): string[] {
  let kept: string[] = [];
  let last: string | undefined;
  for (const word of words) {
    if (last !== undefined && compareBytewise(word, last) >= 0) continue;
    kept.push(word);
    if (kept.length < 2 * limit + SPARE) continue;
    kept = kept.sort(compareBytewise).slice(0, limit);
    last = kept.at(-1);
  }
  kept.sort(compareBytewise);
  return kept.length > limit ? kept.slice(0, limit) : kept;
}
