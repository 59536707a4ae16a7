import { quote } from "@narthex/model";
import { KEYWORDS, type Token, type TokenType } from "./token.ts";

const END = "";
const DIGITS = "0123456789";
const HEX_DIGITS = "0123456789abcdefABCDEF";

const isSpace = (c: string): boolean => c === " " || c === "\t" || c === "\n" || c === "\r";
const isDigit = (c: string): boolean => c >= "0" && c <= "9" && c.length === 1;
const isLetter = (c: string): boolean =>
  c === "_" || (c.length === 1 && ((c >= "a" && c <= "z") || (c >= "A" && c <= "Z")));
const isWord = (c: string): boolean => isLetter(c) || isDigit(c);
const among = (set: string, c: string): boolean => c !== END && set.includes(c);

/** Formats a character in single quotes, as Go does. The end of the text is shown as U+FFFD. */
export function quoteChar(c: string): string {
  if (c === END) return "'\ufffd'";
  if (c === '"') return `'"'`;
  if (c === "'") return "'\\''";
  return `'${quote(c).slice(1, -1)}'`;
}

/** Formats a character as `U+0041 'A'`, without the quoted character if it is not printable. */
function codePoint(c: string): string {
  const code = `U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
  return quote(c).slice(1, -1).startsWith("\\") && c !== "\\" && c !== '"' ? code : `${code} '${c}'`;
}

/**
 * Returns the UTF-8 byte offset for every UTF-16 index of a text. Undefined for ASCII text, whose offsets and indexes
 * are equal.
 */
function byteOffsets(text: string): Uint32Array | undefined {
  let ascii = true;
  for (let i = 0; i < text.length && ascii; i++) ascii = text.charCodeAt(i) < 0x80;
  if (ascii) return undefined;
  const offsets = new Uint32Array(text.length + 1);
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    offsets[i] = bytes;
    const unit = text.charCodeAt(i);
    const surrogate = unit >= 0xd800 && unit <= 0xdfff;
    bytes += unit < 0x80 ? 1 : unit < 0x800 || surrogate ? 2 : 3;
  }
  offsets[text.length] = bytes;
  return offsets;
}

const DURATION_KEYWORDS = new Set(["step", "range", "max_of", "min_of"]);

/** Error in the text of a query, thrown only within the lexer. The lexer then returns an error token. */
class LexicalError {
  readonly message: string;
  readonly start: number;
  constructor(message: string, start: number) {
    this.message = message;
    this.start = start;
  }
}

/**
 * Splits a query into tokens. The same character can have different meanings: within braces, words are identifiers;
 * after `[`, words and operators belong to a duration until the first literal, and then a colon separates range and
 * step.
 */
export class Lexer {
  readonly text: string;
  #at = 0;
  /** UTF-16 index at which the current token starts. */
  #start = 0;
  readonly #bytes: Uint32Array | undefined;
  #parens = 0;
  #inBraces = false;
  #inBrackets = false;
  #expectsDuration = false;
  #sawColon = false;
  /**
   * Whether a number or duration has occurred after a `[` in the text. As in Prometheus, a colon is allowed only after
   * such a number or duration.
   */
  #sawDuration = false;

  constructor(text: string) {
    this.text = text;
    this.#bytes = byteOffsets(text);
  }

  /** UTF-16 index after the last token. In a series description, the values begin at this index. */
  get index(): number {
    return this.#at;
  }

  /** Returns the byte offset of a UTF-16 index. */
  byteAt(index: number): number {
    return this.#bytes === undefined ? index : this.#bytes[index]!;
  }

  /** Returns the next token. At the end of the text it returns `end` repeatedly. Comments and blanks are skipped. */
  next(): Token {
    try {
      this.#skipBlanks();
      this.#start = this.#at;
      return this.#expectsDuration ? this.#duration() : this.#inBraces ? this.#insideBraces() : this.#statement();
    } catch (error) {
      if (!(error instanceof LexicalError)) throw error;
      return {
        type: "error",
        text: error.message,
        start: this.byteAt(error.start),
        end: this.byteAt(this.text.length),
      };
    }
  }

  #peek(ahead = 0): string {
    const code = this.text.codePointAt(this.#at + ahead);
    return code === undefined ? END : String.fromCodePoint(code);
  }

  #take(): string {
    const c = this.#peek();
    this.#at += c.length;
    return c;
  }

  #accept(set: string): boolean {
    const found = among(set, this.#peek());
    if (found) this.#at++;
    return found;
  }

  #emit(type: TokenType): Token {
    return {
      type,
      text: this.text.slice(this.#start, this.#at),
      start: this.byteAt(this.#start),
      end: this.byteAt(this.#at),
    };
  }

  #fail(message: string, start = this.#start): never {
    throw new LexicalError(message, start);
  }

  #skipBlanks(): void {
    for (;;) {
      const c = this.#peek();
      if (isSpace(c)) this.#at++;
      else if (c === "#" && !this.#expectsDuration) {
        while (!among("\r\n", this.#peek()) && this.#peek() !== END) this.#take();
      } else return;
    }
  }

  #statement(): Token {
    const c = this.#peek();
    if (c === END) return this.#endOfText();
    if (isDigit(c) || (c === "." && isDigit(this.#peek(1)))) return this.#numberOrDuration();
    if (c === '"' || c === "'" || c === "`") return this.#string();
    if (isLetter(c) || c === ":") return this.#inBrackets ? this.#wordInBrackets() : this.#word();
    this.#take();
    switch (c) {
      case ",":
      case "*":
      case "/":
      case "%":
      case "+":
      case "-":
      case "^":
      case "@":
        return this.#emit(c);
      case "=":
        if (this.#peek() === "~") this.#fail("unexpected character after '=': '~'");
        return this.#emit(this.#accept("=") ? "==" : "=");
      case "!": {
        const after = this.#take();
        if (after !== "=") this.#fail(`unexpected character after '!': ${quoteChar(after)}`);
        return this.#emit("!=");
      }
      case "<":
      case ">":
        return this.#emit(this.#accept("=") ? `${c}=` : this.#accept("/") ? `${c}/` : c);
      case "(":
      case ")":
        return this.#parenthesis(c);
      case "{":
        this.#inBraces = true;
        return this.#emit(c);
      case "[":
      case "]":
        return this.#bracket(c);
      default:
        return this.#fail(`unexpected character: ${quoteChar(c)}`);
    }
  }

  #endOfText(): Token {
    if (this.#parens !== 0) this.#fail("unclosed left parenthesis");
    if (this.#inBrackets) this.#fail("unclosed left bracket");
    return this.#emit("end");
  }

  #parenthesis(c: "(" | ")"): Token {
    this.#parens += c === "(" ? 1 : -1;
    if (this.#parens < 0) this.#fail("unexpected right parenthesis ')'", this.#at);
    return this.#emit(c);
  }

  #bracket(c: "[" | "]"): Token {
    const opens = c === "[";
    if (opens && this.#inBrackets) this.#fail("unexpected left bracket '['");
    if (!opens && !this.#inBrackets) this.#fail("unexpected right bracket ']'");
    if (opens) this.#sawColon = false;
    this.#inBrackets = opens;
    this.#expectsDuration = opens;
    return this.#emit(c);
  }

  /** Reads a token that follows the first literal within brackets: a colon or a duration function. */
  #wordInBrackets(): Token {
    const c = this.#peek();
    if (c === ":") {
      this.#take();
      if (this.#sawColon) this.#fail("unexpected colon ':'");
      this.#sawColon = true;
      return this.#emit(":");
    }
    return this.#durationKeyword() ?? this.#fail(`unexpected character: ${quoteChar(c)}, expected ':'`);
  }

  #durationKeyword(): Token | undefined {
    while (isLetter(this.#peek())) this.#take();
    const word = this.text.slice(this.#start, this.#at).toLowerCase();
    return DURATION_KEYWORDS.has(word) ? this.#emit(KEYWORDS.get(word)!) : undefined;
  }

  /** Reads a token of a duration between `[` and the first literal. */
  #duration(): Token {
    const c = this.#peek();
    if (c === END) this.#fail("unexpected end of input in duration expression");
    if (isDigit(c) || (c === "." && isDigit(this.#peek(1)))) {
      this.#sawDuration = true;
      this.#expectsDuration = false;
      return this.#numberOrDuration();
    }
    if (among("srm", c.toLowerCase())) {
      const keyword = this.#durationKeyword();
      if (keyword !== undefined) return keyword;
    }
    this.#take();
    switch (c) {
      case "]":
        this.#sawColon = false;
        return this.#bracket(c);
      case ":":
        if (!this.#sawDuration) this.#fail("unexpected colon before duration in duration expression", this.#at);
        if (this.#sawColon) this.#fail("unexpected repeated colon in duration expression", this.#at);
        this.#sawColon = true;
        return this.#emit(c);
      case "(":
      case ")":
        return this.#parenthesis(c);
      case "+":
      case "-":
      case "*":
      case "/":
      case "%":
      case "^":
      case ",":
        return this.#emit(c);
      default:
        return this.#fail(`unexpected character in duration expression: ${quoteChar(c)}`);
    }
  }

  #insideBraces(): Token {
    const c = this.#peek();
    if (c === END) this.#fail("unexpected end of input inside braces");
    if (c === '"' || c === "'" || c === "`") return this.#string();
    this.#take();
    if (isLetter(c)) {
      while (isWord(this.#peek())) this.#take();
      return this.#emit("identifier");
    }
    switch (c) {
      case ",":
        return this.#emit(c);
      case "=":
        return this.#emit(this.#accept("~") ? "=~" : "=");
      case "!": {
        const after = this.#take();
        if (after !== "~" && after !== "=")
          this.#fail(`unexpected character after '!' inside braces: ${quoteChar(after)}`);
        return this.#emit(after === "~" ? "!~" : "!=");
      }
      case "{":
        return this.#fail("unexpected left brace '{'");
      case "}":
        this.#inBraces = false;
        return this.#emit(c);
      default:
        return this.#fail(`unexpected character inside braces: ${quoteChar(c)}`);
    }
  }

  #word(): Token {
    while (isWord(this.#peek()) || this.#peek() === ":") this.#take();
    const word = this.text.slice(this.#start, this.#at);
    const keyword = KEYWORDS.get(word.toLowerCase());
    if (keyword === undefined) return this.#emit(word.includes(":") ? "metricIdentifier" : "identifier");
    // Treats `fill` as a modifier only before a parenthesis, because a metric may also be named fill.
    if (keyword.startsWith("fill") && !/^[ \t\r\n]*\(/.test(this.text.slice(this.#at))) return this.#emit("identifier");
    return this.#emit(keyword);
  }

  #string(): Token {
    const open = this.#take();
    for (;;) {
      const c = this.#take();
      if (c === open) return this.#emit("string");
      if (c === END) this.#fail(open === "`" ? "unterminated raw string" : "unterminated quoted string");
      if (c === "\ufffd" || !c.isWellFormed()) this.#fail("invalid UTF-8 rune");
      if (open === "`") continue;
      if (c === "\n") this.#fail("unterminated quoted string");
      if (c === "\\") this.#escape(open);
    }
  }

  #escape(open: string): void {
    const c = this.#take();
    if (among("abfnrtv\\", c) || c === open) return;
    if (c === END) this.#fail("escape sequence not terminated");
    if (among("01234567", c)) this.#escapeDigits(c, 3, 8, 255);
    else if (c === "x") this.#escapeDigits(this.#take(), 2, 16, 255);
    else if (c === "u") this.#escapeDigits(this.#take(), 4, 16, 0x10ffff);
    else if (c === "U") this.#escapeDigits(this.#take(), 8, 16, 0x10ffff);
    else this.#fail(`unknown escape sequence ${codePoint(c)}`);
  }

  #escapeDigits(first: string, count: number, base: number, max: number): void {
    let value = 0;
    let c = first;
    for (let i = 0; i < count; i++) {
      if (i > 0) c = this.#take();
      const digit = among(HEX_DIGITS, c) ? Number.parseInt(c, 16) : 16;
      if (c === END) this.#fail("escape sequence not terminated");
      if (digit >= base) this.#fail(`illegal character ${codePoint(c)} in escape sequence`);
      value = value * base + digit;
    }
    if (value > max || (value >= 0xd800 && value < 0xe000))
      this.#fail("escape sequence is an invalid Unicode code point");
  }

  #numberOrDuration(): Token {
    if (this.#scanNumber()) return this.#emit("number");
    if (this.#scanDurationUnits()) return this.#emit("duration");
    return this.#fail(`bad number or duration syntax: ${quote(this.text.slice(this.#start, this.#at))}`);
  }

  /** Reads the characters of a number. Returns false at an invalid character. */
  #scanNumber(): boolean {
    let digits = DIGITS;
    if (this.#accept("0") && this.#accept("xX")) {
      this.#accept("_");
      digits = HEX_DIGITS;
    }
    this.#accept(".");
    this.#accept(digits);
    let sawDot = false;
    let sawExponent = false;
    while (among(`${digits}._eE`, this.#peek())) {
      const c = this.#peek();
      if ((c === "." && sawDot) || (among("eE", c) && sawExponent)) {
        this.#take();
        return false;
      }
      if (this.#accept(".")) {
        sawDot = true;
        if (this.#accept("_.") || digits !== DIGITS) return false;
      } else if (this.#accept("eE")) {
        sawExponent = true;
        this.#accept("+-");
        if (this.#accept("._eE") || this.#peek() === END) return false;
      } else if (this.#accept("_")) {
        if (this.#accept("._eE") || this.#peek() === END) return false;
      } else {
        while (this.#accept(digits));
      }
    }
    return this.#at > this.#start && !isWord(this.#peek());
  }

  /**
   * Reads the unit of a duration after a number, then further numbers with units. Returns false if there is no unit.
   * The values are checked later.
   */
  #scanDurationUnits(): boolean {
    if (!this.#accept("smhdwy")) return false;
    this.#accept("s");
    while (this.#accept(DIGITS)) {
      while (this.#accept(DIGITS));
      if (!this.#accept("smhdw")) return false;
      this.#accept("s");
    }
    if (!isWord(this.#peek())) return true;
    this.#take();
    return false;
  }
}
