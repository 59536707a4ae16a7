import { trimTrailing } from "@narthex/model";
import type { Token, TokenKind } from "./token.ts";

const KEYWORDS: ReadonlySet<string> = new Set([
  "block",
  "break",
  "continue",
  "define",
  "else",
  "end",
  "if",
  "range",
  "template",
  "with",
]);

const SPACE = /[ \t\r\n]/;
const WORD = /[\p{L}\p{Nd}_]/u;
/** Matches a number, or nothing. Reads each character only once. */
const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[bB][01_]*(?:\.[01_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

/** Splits a template into tokens. At an error, the last token has the kind "error" and contains the message. */
export function tokenize(source: string, delims: readonly [string, string] = ["{{", "}}"]): Token[] {
  const lexer = new Lexer(source, delims);
  lexer.run();
  return lexer.tokens;
}

class Lexer {
  readonly tokens: Token[] = [];
  readonly #source: string;
  readonly #left: string;
  readonly #right: string;
  #at = 0;
  #line = 1;
  #failed = false;

  constructor(source: string, [left, right]: readonly [string, string]) {
    this.#source = source;
    this.#left = left;
    this.#right = right;
  }

  run(): void {
    while (!this.#failed && this.#text()) {
      const trimmed = this.#opensTrimmed();
      const inner = this.#at + this.#left.length + (trimmed ? 2 : 0);
      if (this.#source.startsWith("/*", inner)) this.#comment(inner);
      else this.#action(inner);
    }
    if (!this.#failed) this.#emit("eof", this.#at);
  }

  /** Reads literal text up to the next action. Returns false if no action follows. */
  #text(): boolean {
    const open = this.#source.indexOf(this.#left, this.#at);
    const end = open < 0 ? this.#source.length : open;
    let text = this.#source.slice(this.#at, end);
    const start = this.#at;
    if (open >= 0 && this.#source[open + this.#left.length] === "-" && this.#isSpace(open + this.#left.length + 1)) {
      text = trimTrailing(text, " \t\r\n");
    }
    if (text !== "") this.#push("text", text, start);
    this.#advance(end);
    return open >= 0;
  }

  #opensTrimmed(): boolean {
    const at = this.#at + this.#left.length;
    return this.#source[at] === "-" && this.#isSpace(at + 1);
  }

  #isSpace(at: number): boolean {
    const char = this.#source[at];
    return char !== undefined && SPACE.test(char);
  }

  #comment(inner: number): void {
    const close = this.#source.indexOf("*/", inner + 2);
    if (close < 0) return this.#fail("unclosed comment");
    const end = close + 2;
    const trim = this.#closesTrimmed(end);
    if (!trim && !this.#source.startsWith(this.#right, end)) {
      return this.#fail("comment ends before closing delimiter");
    }
    this.#advance(end + (trim ? 2 : 0) + this.#right.length);
    if (trim) this.#skipSpace();
  }

  #closesTrimmed(at: number): boolean {
    return this.#isSpace(at) && this.#source[at + 1] === "-" && this.#source.startsWith(this.#right, at + 2);
  }

  #skipSpace(): void {
    let at = this.#at;
    while (this.#isSpace(at)) at++;
    this.#advance(at);
  }

  #action(inner: number): void {
    this.#emit("leftDelim", this.#at + this.#left.length);
    this.#advance(inner);
    let depth = 0;
    while (!this.#failed) {
      const trim = this.#closesTrimmed(this.#at);
      if (trim || this.#source.startsWith(this.#right, this.#at)) {
        if (depth > 0) return this.#fail("unclosed left paren");
        this.#advance(this.#at + (trim ? 2 : 0));
        this.#emit("rightDelim", this.#at + this.#right.length);
        if (trim) this.#skipSpace();
        return;
      }
      const char = this.#source[this.#at];
      if (char === "(") depth++;
      if (char === ")" && --depth < 0) return this.#fail("unexpected right paren");
      this.#item(char);
    }
  }

  #item(char: string | undefined): void {
    if (char === undefined) return this.#fail("unclosed action");
    if (SPACE.test(char)) return this.#space();
    switch (char) {
      case "=":
        return this.#emit("assign", this.#at + 1);
      case ":":
        if (this.#source[this.#at + 1] !== "=") return this.#fail("expected :=");
        return this.#emit("declare", this.#at + 2);
      case "|":
        return this.#emit("pipe", this.#at + 1);
      case '"':
        return this.#quoted('"', "string", "unterminated quoted string");
      case "'":
        return this.#quoted("'", "rune", "unterminated character constant");
      case "`":
        return this.#raw();
      case "$":
        return this.#name("variable");
      case "(":
        return this.#emit("leftParen", this.#at + 1);
      case ")":
        return this.#emit("rightParen", this.#at + 1);
      case ",":
        return this.#emit("comma", this.#at + 1);
    }
    if (char === "." && !/[0-9]/.test(this.#source[this.#at + 1] ?? "")) return this.#name("field");
    if (/[-+.0-9]/.test(char)) return this.#number();
    const point = String.fromCodePoint(this.#source.codePointAt(this.#at)!);
    if (WORD.test(point)) return this.#identifier();
    if (/[!-~]/.test(char)) return this.#emit("char", this.#at + 1);
    this.#fail(`unrecognized character in action: ${describeChar(point)}`);
  }

  #space(): void {
    let at = this.#at + 1;
    while (this.#isSpace(at) && !this.#closesTrimmed(at)) at++;
    this.#emit("space", at);
  }

  #quoted(mark: string, kind: TokenKind, problem: string): void {
    let at = this.#at + 1;
    for (; ; at++) {
      const char = this.#source[at];
      if (char === undefined || char === "\n") return this.#fail(problem);
      if (char === mark) break;
      if (char === "\\" && this.#source[at + 1] !== "\n") at++;
    }
    this.#emit(kind, at + 1);
  }

  #raw(): void {
    const close = this.#source.indexOf("`", this.#at + 1);
    if (close < 0) return this.#fail("unterminated raw quoted string");
    this.#emit("rawString", close + 1);
  }

  #wordEnd(from: number): number {
    let at = from;
    while (at < this.#source.length) {
      const point = String.fromCodePoint(this.#source.codePointAt(at)!);
      if (!WORD.test(point)) break;
      at += point.length;
    }
    return at;
  }

  /** Reads `.field`, a lone `.`, `$variable` or a lone `$`. */
  #name(kind: "field" | "variable"): void {
    const end = this.#wordEnd(this.#at + 1);
    if (end === this.#at + 1 && this.#endsWord(end)) return this.#emit(kind === "field" ? "dot" : "variable", end);
    if (!this.#endsWord(end)) return this.#badCharacter(end);
    this.#emit(kind, end);
  }

  #identifier(): void {
    const end = this.#wordEnd(this.#at);
    if (!this.#endsWord(end)) return this.#badCharacter(end);
    const word = this.#source.slice(this.#at, end);
    if (KEYWORDS.has(word)) return this.#emit("keyword", end);
    if (word === "nil") return this.#emit("nil", end);
    this.#emit(word === "true" || word === "false" ? "bool" : "identifier", end);
  }

  /** Reads a number. `1+2i` is read as one number whose second part is imaginary. */
  #number(): void {
    let end = this.#numberEnd(this.#at);
    let letter = this.#wordCharacterAt(end);
    if (letter === "" && /[+-]/.test(this.#source[end] ?? "")) {
      end = this.#numberEnd(end);
      letter = this.#wordCharacterAt(end);
      if (letter === "" && this.#source[end - 1] === "i") return this.#emit("number", end);
    } else if (letter === "") return this.#emit("number", end);
    this.#fail(`bad number syntax: ${JSON.stringify(this.#source.slice(this.#at, end) + letter)}`);
  }

  #numberEnd(from: number): number {
    NUMBER.lastIndex = from;
    NUMBER.test(this.#source);
    return NUMBER.lastIndex;
  }

  #wordCharacterAt(at: number): string {
    const next = String.fromCodePoint(this.#source.codePointAt(at) ?? 32);
    return WORD.test(next) ? next : "";
  }

  /** Reports whether the character at a position may follow a word. */
  #endsWord(at: number): boolean {
    const char = this.#source[at];
    return char === undefined || /[ \t\r\n.,|:()]/.test(char) || this.#source.startsWith(this.#right, at);
  }

  #badCharacter(at: number): void {
    this.#fail(`bad character ${describeChar(String.fromCodePoint(this.#source.codePointAt(at)!))}`);
  }

  #fail(message: string): void {
    this.#failed = true;
    this.#push("error", message, this.#at);
  }

  #emit(kind: TokenKind, end: number): void {
    this.#push(kind, this.#source.slice(this.#at, end), this.#at);
    this.#advance(end);
  }

  #push(kind: TokenKind, text: string, at: number): void {
    this.tokens.push({ kind, text, at, line: this.#line });
  }

  #advance(end: number): void {
    for (let i = this.#at; i < end; i++) if (this.#source.charCodeAt(i) === 10) this.#line++;
    this.#at = end;
  }
}

/** Formats a character like Go's %#U: `U+0040 '@'`. */
function describeChar(char: string): string {
  const code = char.codePointAt(0)!;
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return code >= 0x20 && code !== 0x7f ? `${hex} '${char}'` : hex;
}
