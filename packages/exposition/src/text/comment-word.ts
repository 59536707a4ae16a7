import { NUL } from "./line-reader.ts";

/**
 * Returns the position after `word`, such as HELP, if a comment has this word at `from`. Otherwise returns the bitwise
 * complement of the position of the first different byte. Like Prometheus, skips NULs within the word, but not before
 * it.
 */
export function endOfCommentWord(bytes: Uint8Array, from: number, end: number, word: string): number {
  let at = from;
  for (let i = 0; i < word.length; i++, at++) {
    if (i > 0) while (at < end && bytes[at] === NUL) at++;
    if (at >= end || bytes[at] !== word.charCodeAt(i)) return ~at;
  }
  return at;
}
