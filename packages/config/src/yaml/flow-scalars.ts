import { type Cursor, isBlank, isBlankOrEnd, isBreak } from "./cursor.ts";
import type { Token } from "./token.ts";

/** Joins the parts of a text that runs over several lines: one line's end is a space, further ones stay. */
class Folding {
  #spaces = "";
  #firstBreak = "";
  #moreBreaks = "";
  /** Is a line's end among the white space held back? */
  broken = false;

  /** Passes white space; it counts only if more text follows. */
  skip(cursor: Cursor, violated: () => void = () => undefined): void {
    for (;;) {
      const char = cursor.peek();
      if (isBlank(char)) {
        if (this.broken && char === "\t") violated();
        const blank = cursor.take();
        if (!this.broken) this.#spaces += blank;
      } else if (isBreak(char)) {
        if (this.broken) this.#moreBreaks += cursor.takeBreak();
        else {
          this.#spaces = "";
          this.#firstBreak = cursor.takeBreak();
          this.broken = true;
        }
      } else return;
    }
  }

  /** An escaped line's end: the lines are joined without a space. */
  join(): void {
    this.broken = true;
    this.#firstBreak = "";
  }

  /** What the white space held back amounts to. */
  take(): string {
    let text = this.#spaces;
    if (this.broken) {
      const folds = this.#firstBreak === "\n";
      text = folds ? (this.#moreBreaks === "" ? " " : this.#moreBreaks) : this.#firstBreak + this.#moreBreaks;
    }
    this.#spaces = this.#firstBreak = this.#moreBreaks = "";
    this.broken = false;
    return text;
  }
}

const FLOW_INDICATORS = ",?[]{}";

/** A plain scalar and whether it ended at a line's end, behind which a key may begin. */
export function scanPlain(cursor: Cursor, inFlow: boolean, indent: number): { token: Token; newLine: boolean } {
  const at = cursor.mark();
  const white = new Folding();
  let end = at;
  let text = "";
  while (!cursor.atDocumentIndicator() && cursor.peek() !== "#") {
    const length = plainLength(cursor, inFlow);
    if (length > 0) {
      text += white.take() + cursor.take(length);
      end = cursor.mark();
    }
    if (!isBlank(cursor.peek()) && !isBreak(cursor.peek())) break;
    white.skip(cursor, () => {
      if (cursor.column > indent) return;
      cursor.fail("found a tab character that violates indentation", "indent with spaces: a tab stands here");
    });
    if (!inFlow && cursor.column <= indent) break;
  }
  return { token: { kind: "scalar", at, end, text, suffix: "", plain: true }, newLine: white.broken };
}

/** How many characters on from here belong to a plain scalar and are no white space. */
function plainLength(cursor: Cursor, inFlow: boolean): number {
  let length = 0;
  for (let char = cursor.peek(); !isBlankOrEnd(char); char = cursor.peek(++length)) {
    if (char === ":" && isBlankOrEnd(cursor.peek(length + 1))) break;
    if (inFlow && FLOW_INDICATORS.includes(char)) break;
  }
  return length;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\u0007",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\u001b",
  " ": " ",
  '"': '"',
  "'": "'",
  "\\": "\\",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
};
const CODE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** A text in single or double quotes; the cursor stands on the first of them. */
export function scanQuoted(cursor: Cursor): Token {
  const at = cursor.mark();
  const quote = cursor.take();
  const white = new Folding();
  let text = "";
  for (;;) {
    if (cursor.atDocumentIndicator())
      cursor.fail("found unexpected document indicator", `close the ${quote} of line ${at.line} first`);
    if (cursor.ended) cursor.fail("found unexpected end of stream", `close the ${quote} that opens here`, at);
    for (let char = cursor.peek(); !isBlankOrEnd(char); char = cursor.peek()) {
      if (char === quote) {
        if (quote === '"' || cursor.peek(1) !== "'") break;
        text += white.take() + cursor.take(2).charAt(0);
      } else if (char !== "\\" || quote === "'") text += white.take() + cursor.take(ordinaryLength(cursor));
      else if (isBreak(cursor.peek(1))) {
        text += white.take();
        cursor.take();
        cursor.takeBreak();
        white.join();
        break;
      } else text += white.take() + scanEscape(cursor);
    }
    if (cursor.peek() === quote) break;
    white.skip(cursor);
  }
  text += white.take();
  cursor.take();
  return { kind: "scalar", at, end: cursor.mark(), text, suffix: "", plain: false };
}

/** How many characters on from here are neither white space nor quote nor backslash; at least one. */
function ordinaryLength(cursor: Cursor): number {
  let length = 1;
  for (let char = cursor.peek(1); !isBlankOrEnd(char) && !"'\"\\".includes(char); char = cursor.peek(length)) length++;
  return length;
}

function scanEscape(cursor: Cursor): string {
  const at = cursor.mark();
  const letter = cursor.peek(1);
  const simple = ESCAPES[letter];
  const length = CODE_LENGTHS[letter];
  if (simple === undefined && length === undefined) {
    cursor.fail("found unknown escape character", `write \\\\${letter} for a backslash, or use single quotes`);
  }
  cursor.take(2);
  if (simple !== undefined) return simple;
  const digits = cursor.text.slice(cursor.offset, cursor.offset + length!);
  if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length < length!) {
    const mend = `\\${letter} takes ${length} hexadecimal digits`;
    cursor.fail("did not find expected hexdecimal number", mend, at);
  }
  const code = parseInt(digits, 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    cursor.fail("found invalid Unicode character escape code", "no character has this number", at);
  }
  cursor.take(length);
  return String.fromCodePoint(code);
}
