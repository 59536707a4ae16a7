import { LogqlMistake, type LogqlToken, logqlTokens, shownText } from "./logql-tokens.ts";

/** Thrown if the value of a variable decides whether an expression is right. */
export class Undecided extends Error {}

/** Reads the tokens of a LogQL expression in order. Methods throw LogqlMistake, or Undecided next to a variable. */
export class TokenReader {
  readonly #tokens: readonly LogqlToken[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = logqlTokens(text);
  }

  get token(): LogqlToken {
    return this.#tokens[this.#next]!;
  }

  /** Returns a later token. The last one is of the kind `end`. */
  ahead(count: number): LogqlToken {
    return this.#tokens[Math.min(this.#next + count, this.#tokens.length - 1)]!;
  }

  take(): LogqlToken {
    const token = this.token;
    if (token.kind !== "end") this.#next++;
    return token;
  }

  isKind(...kinds: readonly LogqlToken["kind"][]): boolean {
    return kinds.includes(this.token.kind);
  }

  isSymbol(...texts: readonly string[]): boolean {
    return this.token.kind === "symbol" && texts.includes(this.token.text);
  }

  /** Whether the next token is one of these words, in any case of letters. */
  isWord(...words: readonly string[]): boolean {
    return this.token.kind === "word" && words.includes(this.token.text.toLowerCase());
  }

  takeSymbol(...texts: readonly string[]): boolean {
    if (!this.isSymbol(...texts)) return false;
    this.#next++;
    return true;
  }

  takeWord(...words: readonly string[]): boolean {
    if (!this.isWord(...words)) return false;
    this.#next++;
    return true;
  }

  expectSymbol(text: string, why: string): void {
    if (!this.takeSymbol(text)) this.refuse(`${why}, so write ${text} before it`);
  }

  /** Takes a string. Returns undefined if a variable takes its place. */
  expectString(what: string): LogqlToken | undefined {
    if (this.isKind("variable")) {
      this.take();
      return undefined;
    }
    if (!this.isKind("string")) this.refuse(`${what} is a string, so write it between quotes`);
    return this.take();
  }

  /** Takes the name of a label. */
  expectLabel(what: string): void {
    if (!this.isKind("word", "variable")) this.refuse(`${what} is the name of a label, so write one before it`);
    this.take();
  }

  /** Reports that the next token has no meaning at its place. */
  refuse(remedy: string): never {
    const previous = this.#tokens[this.#next - 1];
    if (this.token.kind === "variable" || previous?.kind === "variable") throw new Undecided();
    const { kind, text, start, end } = this.token;
    const shown = kind === "string" ? "a string" : shownText(text);
    const what = kind === "end" ? "the end of the query" : kind === "range" ? `[${shown}]` : shown;
    throw new LogqlMistake(`${what} is unexpected: ${remedy}`, kind === "end" ? end : start);
  }
}
