/**
 * Returns a rank by which UTF-16 units sort like the UTF-8 bytes of their characters. In UTF-8, characters beyond
 * U+FFFF (surrogates in JavaScript) come after all other characters.
 */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/**
 * Compares two strings by their UTF-8 bytes, as Go and Prometheus do. Returns a negative number, 0 or a positive
 * number.
 */
export function compareBytewise(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/**
 * White space characters of Go's unicode.IsSpace. Unlike JavaScript's trim(), the set contains U+0085 but not U+FEFF.
 */
export const GO_SPACE =
  "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/** Removes all characters that `characters` contains from both ends of a text, like Go's strings.Trim. */
export function trimLetters(text: string, characters: string): string {
  let start = 0;
  while (start < text.length && characters.includes(text[start]!)) start++;
  return trimTrailing(start === 0 ? text : text.slice(start), characters);
}

/**
 * Removes all characters that `characters` contains from the end of a text. A regular expression with `+$` would take
 * quadratic time.
 */
export function trimTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/**
 * Returns a text in quotes like Go's `%q`: double quotes, backslash escapes, and non-printing characters as \n, \t,
 * \xNN or \uNNNN.
 */
export function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  let out = '"';
  for (const char of text) out += escapeChar(char);
  return out + '"';
}

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** Matches a text in which quote() need not escape any character. */
const PLAIN = /^[ !#-[\]-~]*$/;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function escapeChar(char: string): string {
  const named = NAMED[char];
  if (named !== undefined) return named;
  const code = char.codePointAt(0)!;
  if (code >= 0x20 && code < 0x7f) return char;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  // Prints a lone surrogate from U+DC80 to U+DCFF as the byte that it represents. String escapes in PromQL create such
  // surrogates for bytes that are not UTF-8.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (PRINTABLE.test(char)) return char;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
