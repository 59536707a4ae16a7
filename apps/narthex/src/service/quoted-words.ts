/**
 * Rules for backslashes:
 * - `shell`: not within single quotes; within double quotes only before `"`, `\`, `$`, a backquote and a new line.
 * - `unit`: the escapes of systemd's unit files. Other backslashes are kept.
 * - `variable`: everywhere, as in the values of variables in systemd's command lines.
 */
type Escapes = "shell" | "unit" | "variable";

/** Thrown for a quote that is not closed. */
export class QuoteError extends Error {
  override readonly name = "QuoteError";
}

/** Splits a text into words by white space, quotes and backslashes. Throws QuoteError for `shell`. */
export function quotedWords(text: string, escapes: Escapes): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    const escape = char === "\\" ? escapeAt(text, i, quote, escapes) : undefined;
    if (escape !== undefined) {
      if (escape.value !== "") word = (word ?? "") + escape.value;
      i += escape.length - 1;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  // Systemd allows a missing closing quote at the end of a value.
  if (quote !== "" && escapes === "shell") throw new QuoteError(`the quote ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}

interface Escape {
  readonly length: number;
  readonly value: string;
}

/** Returns the escape that begins with the backslash at `at`, or undefined if the backslash is an ordinary character. */
function escapeAt(text: string, at: number, quote: string, escapes: Escapes): Escape | undefined {
  if (escapes === "unit") return unitEscape(text, at);
  const next = text[at + 1];
  const isEscape = escapes === "variable" || quote === "" || (quote === '"' && /["\\$`\n]/.test(next ?? ""));
  if (next === undefined || !isEscape) return undefined;
  return { length: 2, value: next === "\n" && escapes === "shell" ? "" : next };
}

const LETTERS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  s: " ",
  t: "\t",
  v: "\v",
};

/** Matches `\x41`, `\u0041`, `\U00000041`, `\101`, or a backslash before one of the letters or quotes. */
const UNIT_ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrstv\\"']))/y;

function unitEscape(text: string, at: number): Escape | undefined {
  UNIT_ESCAPE.lastIndex = at;
  const match = UNIT_ESCAPE.exec(text);
  if (match === null) return undefined;
  const [{ length }, x, u, long, octal, letter] = match;
  if (letter !== undefined) return { length, value: LETTERS[letter] ?? letter };
  const code = octal === undefined ? Number.parseInt((x ?? u ?? long)!, 16) : Number.parseInt(octal, 8);
  return code > 0x10_ff_ff ? undefined : { length, value: String.fromCodePoint(code) };
}
