import type { Position } from "./ast.ts";
import { Lexer } from "./lexer.ts";
import { ParseError } from "./parse-error.ts";
import { QUERY_LIMITS, TextBudget } from "./text-budget.ts";
import { describeToken, type Token, type TokenType } from "./token.ts";

/** Language features of the parser. All except computed durations are disabled by default. */
export interface ParserOptions {
  /** Allows functions and aggregations that are marked as experimental. */
  readonly experimentalFunctions?: boolean;
  /** Allows computed ranges, steps and offsets. Default true. */
  readonly durationExpressions?: boolean;
  /** Allows the modifiers `anchored` and `smoothed`. */
  readonly extendedRangeSelectors?: boolean;
  /** Allows the modifiers `fill`, `fill_left` and `fill_right`. */
  readonly binopFillModifiers?: boolean;
}

/**
 * Maximum depth of an expression. Functions that process expressions are recursive, and deep nesting must not overflow
 * the stack.
 */
const MAX_DEPTH = 1000;
/**
 * Largest number of errors that are collected. Only the first error is shown, so a text full of errors must not take
 * more time than a valid text.
 */
const MAX_ERRORS = 100;

export const TOO_DEEP = `expression is nested more than ${MAX_DEPTH} levels deep, split it up`;

/** Thrown to end parsing at the first syntax error. The error itself is in the error list of the token stream. */
export class SyntaxAbort extends Error {}

/**
 * The tokens of a query with a lookahead of two tokens, the errors found so far, and a description of the syntax that
 * is being parsed.
 */
export class TokenStream {
  readonly options: ParserOptions;
  readonly errors: ParseError[] = [];
  readonly budget: TextBudget;
  readonly #lexer: Lexer;
  readonly #ahead: Token[] = [];
  /**
   * Descriptions for error messages: the syntax that is being parsed, and the tokens that are expected there. The
   * innermost description is last.
   */
  readonly #contexts: (readonly [context: string, expected: string])[] = [];
  #depth = 0;
  #last: Token = { type: "end", text: "", start: 0, end: 0 };

  constructor(text: string, options: ParserOptions, budget: TextBudget = new TextBudget(QUERY_LIMITS)) {
    this.options = options;
    this.budget = budget;
    this.#lexer = new Lexer(text);
  }

  get text(): string {
    return this.#lexer.text;
  }

  /** The token that was consumed last. */
  get last(): Token {
    return this.#last;
  }

  /** UTF-16 index after all tokens that were read, including the lookahead. */
  get index(): number {
    return this.#lexer.index;
  }

  /**
   * Returns the token `distance` tokens ahead without consuming it; 0 is the next token. An invalid token ends parsing.
   */
  peek(distance = 0): Token {
    while (this.#ahead.length <= distance) {
      const token = this.#lexer.next();
      if (token.type === "error") {
        this.report(token, token.text);
        throw new SyntaxAbort();
      }
      this.#ahead.push(token);
    }
    return this.#ahead[distance]!;
  }

  take(): Token {
    const token = this.peek();
    this.#ahead.shift();
    this.#last = token;
    return token;
  }

  /** Consumes the next token if it has this type. Otherwise returns undefined. */
  accept(type: TokenType): Token | undefined {
    return this.peek().type === type ? this.take() : undefined;
  }

  /** Consumes a token of this type. Reports any other token as unexpected. */
  expect(type: TokenType): Token {
    return this.accept(type) ?? this.unexpected();
  }

  /** Runs a parsing function. Errors about unexpected tokens within it contain the texts `context` and `expected`. */
  within<T>(context: string, expected: string, rule: () => T): T {
    this.enter(context, expected);
    const result = rule();
    this.leave();
    return result;
  }

  /**
   * Begins a description for error messages, which leave() ends. Unlike within(), adds no calls to the stack in nested
   * expressions.
   */
  enter(context: string, expected: string): void {
    this.#contexts.push([context, expected]);
  }

  leave(): void {
    this.#contexts.pop();
  }

  /** Nesting depth of the part that is being parsed. */
  get depth(): number {
    return this.#depth;
  }

  /** Enters the next level of nesting. The caller must call `rise()` at the end of the level. */
  deepen(): void {
    if (++this.#depth > MAX_DEPTH) this.refuse(this.peek(), TOO_DEEP);
  }

  rise(to: number): void {
    this.#depth = to;
  }

  /** Ends parsing with the error `problem` if a limit for texts was exceeded, which means that `problem` is set. */
  charge(position: Position, problem: string | undefined): void {
    if (problem !== undefined) this.refuse(position, problem);
  }

  /** Reports an error that ends parsing. */
  refuse(position: Position, message: string): never {
    this.report(position, message);
    throw new SyntaxAbort();
  }

  /**
   * Reports the next token as unexpected and ends parsing. By default the error names what the parser is currently
   * reading.
   */
  unexpected(context?: string, expected?: string): never {
    const [where, what] = context === undefined ? (this.#contexts.at(-1) ?? ["", ""]) : [context, expected ?? ""];
    const token = this.peek();
    let message = `unexpected ${describeToken(token)}`;
    if (where !== "") message += ` in ${where}`;
    if (what !== "") message += `, expected ${what}`;
    this.report(token, message);
    throw new SyntaxAbort();
  }

  /** Records an error and continues parsing. After MAX_ERRORS errors, parsing ends. */
  report(position: Position, message: string): void {
    if (this.errors.length === MAX_ERRORS) throw new SyntaxAbort();
    this.errors.push(new ParseError(message, { start: position.start, end: position.end }, this.text));
  }
}
