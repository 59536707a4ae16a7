import { NUL } from "./line-reader.ts";

/**
 * Returns the end of the word of a comment, such as HELP, that begins at `from`. If there is another word, returns the
 * bitwise complement of the position of the first different byte; like Prometheus, skips NULs except right after the
 * hash and its blanks.
 */
export function endOfCommentWord(bytes: Uint8Array, from: number, end: number, word: string): number {
  let at = from;
  for (let i = 0; i < word.length; i++, at++) {
    if (i > 0) while (at < end && bytes[at] === NUL) at++;
    if (at >= end || bytes[at] !== word.charCodeAt(i)) return ~at;
  }
  return at;
}
