import { compareBytewise } from "@narthex/model";

/** Number of strings beyond the limit that are collected before the largest strings are removed. */
const SPARE = 64;

/**
 * Returns the first `limit` strings in byte order, sorted. If the limit is small, most strings are compared only once.
 */
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
