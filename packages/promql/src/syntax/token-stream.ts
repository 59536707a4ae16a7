import type { Position } from "./ast.ts";
import { Lexer } from "./lexer.ts";
import { ParseError } from "./parse-error.ts";
import { QUERY_LIMITS, TextBudget } from "./text-budget.ts";
import { describeToken, type Token, type TokenType } from "./token.ts";

/** Features of the language; all except duration arithmetic are off by default. */
export interface ParserOptions {
  /** Functions and aggregations marked experimental. */
  readonly experimentalFunctions?: boolean;
  /** Arithmetic in ranges, steps and offsets. Default true. */
  readonly durationExpressions?: boolean;
  /** `anchored` and `smoothed`. */
  readonly extendedRangeSelectors?: boolean;
  /** `fill`, `fill_left`, `fill_right`. */
  readonly binopFillModifiers?: boolean;
}

/**
 * Largest depth of a tree: all code that walks it is recursive, and a text of parentheses must not exhaust the stack.
 */
const MAX_DEPTH = 1000;
/**
 * Largest number of errors of a text: the first one is shown, and a text full of errors must not cost more than a valid
 * one.
 */
const MAX_ERRORS = 100;

export const TOO_DEEP = `expression is nested more than ${MAX_DEPTH} levels deep, split it up`;

/** Ends a parse at the first error of syntax; the error itself is in the stream's list. */
export class SyntaxAbort extends Error {}

/** Tokens with a lookahead of two, the errors found so far, and the present context of the parser. */
export class TokenStream {
  readonly options: ParserOptions;
  readonly errors: ParseError[] = [];
  readonly budget: TextBudget;
  readonly #lexer: Lexer;
  readonly #ahead: Token[] = [];
  /** Contexts for messages about unexpected tokens, the innermost last, each with the expected syntax. */
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

  /** The token taken last. */
  get last(): Token {
    return this.#last;
  }

  /** UTF-16 index after the tokens read, including the lookahead. */
  get index(): number {
    return this.#lexer.index;
  }

  /** The token `distance` ahead, 0 for the next. An error of the lexer ends the parse. */
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

  /** Takes the next token if it is of this type. */
  accept(type: TokenType): Token | undefined {
    return this.peek().type === type ? this.take() : undefined;
  }

  /** Takes a token of this type; reports any other as unexpected in the current context. */
  expect(type: TokenType): Token {
    return this.accept(type) ?? this.unexpected();
  }

  /** Runs a rule during which an unexpected token is reported with these texts. */
  within<T>(context: string, expected: string, rule: () => T): T {
    this.#contexts.push([context, expected]);
    const result = rule();
    this.#contexts.pop();
    return result;
  }

  /** Depth in the tree of the part that is being parsed. */
  get depth(): number {
    return this.#depth;
  }

  /** Goes one level deeper in the tree; the caller must call `rise()` when the level is complete. */
  deepen(): void {
    if (++this.#depth > MAX_DEPTH) this.refuse(this.peek(), TOO_DEEP);
  }

  rise(to: number): void {
    this.#depth = to;
  }

  /** Ends the parse if a budget has returned an error message. */
  charge(position: Position, problem: string | undefined): void {
    if (problem !== undefined) this.refuse(position, problem);
  }

  /** Reports an error that ends the parse. */
  refuse(position: Position, message: string): never {
    this.report(position, message);
    throw new SyntaxAbort();
  }

  /** Reports the next token as unexpected in the given or the innermost context, and ends the parse. */
  unexpected(context?: string, expected?: string): never {
    const [where, what] = context === undefined ? (this.#contexts.at(-1) ?? ["", ""]) : [context, expected ?? ""];
    const token = this.peek();
    let message = `unexpected ${describeToken(token)}`;
    if (where !== "") message += ` in ${where}`;
    if (what !== "") message += `, expected ${what}`;
    this.report(token, message);
    throw new SyntaxAbort();
  }

  /** Records an error that does not end the parse, unless there are very many. */
  report(position: Position, message: string): void {
    if (this.errors.length === MAX_ERRORS) throw new SyntaxAbort();
    this.errors.push(new ParseError(message, { start: position.start, end: position.end }, this.text));
  }
}
