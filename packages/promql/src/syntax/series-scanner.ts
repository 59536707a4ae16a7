import { byteLength } from "./byte-length.ts";
import { quote } from "@narthex/model";
import { parseNumberLiteral } from "./number-literal.ts";
import { quoteChar } from "./lexer.ts";
import { describeToken, KEYWORDS, type Token, type TokenType } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

/**
 * Thrown to end the reading of values at the first error. The error itself is in the error list of the token stream.
 */
export class SeriesScanAbort extends Error {}

const SPACE = /[ \t\r\n]+/y;
const WORD = /[a-wyzA-Z][a-zA-Z0-9_:]*/y;
const KEY = /[a-zA-Z_]+/y;
const NUMBER = /(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y;

/**
 * Reads the values of a series description character by character, because the values do not consist of PromQL tokens.
 */
export class SeriesScanner {
  readonly #stream: TokenStream;
  readonly #text: string;
  index: number;

  constructor(stream: TokenStream, index: number) {
    this.#stream = stream;
    this.#text = stream.text;
    this.index = index;
  }

  get atEnd(): boolean {
    return this.index >= this.#text.length;
  }

  /** The next character; "" at the end. */
  get peek(): string {
    return this.#text[this.index] ?? "";
  }

  /** The next Unicode character, which may be a surrogate pair; "" at the end. */
  get character(): string {
    const code = this.#text.codePointAt(this.index);
    return code === undefined ? "" : String.fromCodePoint(code);
  }

  take(text: string): boolean {
    if (!this.#text.startsWith(text, this.index)) return false;
    this.index += text.length;
    return true;
  }

  skipSpace(): boolean {
    return this.#match(SPACE) !== undefined;
  }

  /**
   * Reads a word of letters, digits, `_` and `:`. A word begins with a letter, but not with `x`, because `x` repeats
   * values.
   */
  word(): string | undefined {
    return this.#match(WORD);
  }

  /** Reads a key in the description of a histogram, such as `count`. */
  key(): string | undefined {
    return this.#match(KEY);
  }

  /** Reads a decimal number without a sign. Returns undefined for any other text. */
  number(): string | undefined {
    const start = this.index;
    const text = this.#match(NUMBER);
    const malformed = /[a-wyzA-Z_]/.test(this.peek) || /_(?![0-9])/.test(text ?? "");
    if (text !== undefined && malformed) this.fail(start, `bad number syntax: ${quote(text)}`);
    return text;
  }

  value(text: string): number {
    const value = parseNumberLiteral(text);
    if (typeof value === "number") return value;
    this.report(this.index - text.length, value.message);
    return 0;
  }

  notANumber(word: string): never {
    const type = KEYWORDS.get(word.toLowerCase()) ?? (word.includes(":") ? "metricIdentifier" : "identifier");
    const tail = type === "identifier" ? ' in series values, expected number or "stale"' : "";
    this.fail(this.index - word.length, `unexpected ${describe(type, word)}${tail}`);
  }

  /** Reports the next character as unexpected, and ends the reading. */
  unexpected(context: string, expected = ""): never {
    const start = this.index;
    const tail = (context === "" ? "" : ` in ${context}`) + (expected === "" ? "" : `, expected ${expected}`);
    if (this.atEnd) this.fail(start, `unexpected end of input${tail}`);
    if (this.take("{{")) this.fail(start, `unexpected "{{"${tail}`);
    const number = this.number();
    const word = number === undefined ? this.word() : undefined;
    const space = this.#match(SPACE);
    const text = number ?? word ?? space?.[0] ?? this.character;
    if (number === undefined && word === undefined && space === undefined && !/[-+x_]/.test(text)) {
      this.fail(start, `unexpected character in series sequence: ${quoteChar(text)}`);
    }
    const type =
      number !== undefined
        ? "number"
        : word === undefined
          ? (text as TokenType)
          : (KEYWORDS.get(word.toLowerCase()) ?? "identifier");
    this.fail(start, `unexpected ${describe(type, text)}${tail}`);
  }

  report(start: number, message: string): void {
    const bytes = (index: number): number => byteLength(this.#text.slice(0, index));
    this.#stream.report({ start: bytes(start), end: bytes(this.index) }, message);
  }

  fail(start: number, message: string): never {
    this.report(start, message);
    throw new SeriesScanAbort();
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.index;
    const text = pattern.exec(this.#text)?.[0];
    if (text !== undefined) this.index += text.length;
    return text;
  }
}

const describe = (type: TokenType, text: string): string =>
  describeToken({ type, text, start: 0, end: 0 } satisfies Token);
