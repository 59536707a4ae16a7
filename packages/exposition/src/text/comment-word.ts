import { NUL } from "./line-reader.ts";

/**
 * Returns the end of a comment's word that begins at `from`; if another text begins there, the complement of the place of the
 * first different byte. Upstream's lexers pass over NULs in a comment, save for one right behind the hash and its blanks.
 */
export function endOfCommentWord(bytes: Uint8Array, from: number, end: number, word: string): number {
  let at = from;
  for (let i = 0; i < word.length; i++, at++) {
    if (i > 0) while (at < end && bytes[at] === NUL) at++;
    if (at >= end || bytes[at] !== word.charCodeAt(i)) return ~at;
  }
  return at;
}
