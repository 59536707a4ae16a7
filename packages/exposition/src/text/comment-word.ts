import { NUL } from "./line-reader.ts";

/**
 * Where the word of a comment that should stand at `from` ends; the complement of where it breaks off if it does not
 * stand there. Upstream's lexers pass over NULs in a comment, save for one right behind the hash and its blanks.
 */
export function endOfCommentWord(bytes: Uint8Array, from: number, end: number, word: string): number {
  let at = from;
  for (let i = 0; i < word.length; i++, at++) {
    if (i > 0) while (at < end && bytes[at] === NUL) at++;
    if (at >= end || bytes[at] !== word.charCodeAt(i)) return ~at;
  }
  return at;
}
