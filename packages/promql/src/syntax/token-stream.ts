import type { Position } from "./ast.ts";
import { Lexer } from "./lexer.ts";
import { ParseError } from "./parse-error.ts";
import { QUERY_LIMITS, TextBudget } from "./text-budget.ts";
import { describeToken, type Token, type TokenType } from "./token.ts";

/** Features of the language. All except duration arithmetic are disabled by default. */
export interface ParserOptions {
  /** Functions and aggregations that are marked as experimental. */
  readonly experimentalFunctions?: boolean;
  /** Arithmetic in ranges, steps and offsets; default true. */
  readonly durationExpressions?: boolean;
  /** The modifiers `anchored` and `smoothed`. */
  readonly extendedRangeSelectors?: boolean;
  /** The modifiers `fill`, `fill_left` and `fill_right`. */
  readonly binopFillModifiers?: boolean;
}

/**
 * Largest depth of a tree. All code that walks a tree is recursive, and a text of parentheses must not overflow the
 * stack.
 */
const MAX_DEPTH = 1000;
/**
 * Largest number of errors of a text. The first one is shown, and a text full of errors must not cost more than a valid
 * one.
 */
const MAX_ERRORS = 100;

export const TOO_DEEP = `expression is nested more than ${MAX_DEPTH} levels deep, split it up`;

/** Ends a parse at the first syntax error. The stream's list of errors contains the error itself. */
export class SyntaxAbort extends Error {}

/** The tokens with a lookahead of two, the errors found so far, and the current context of the parser. */
export class TokenStream {
  readonly options: ParserOptions;
  readonly errors: ParseError[] = [];
  readonly budget: TextBudget;
  readonly #lexer: Lexer;
  readonly #ahead: Token[] = [];
  /** Contexts for messages about unexpected tokens, each with the expected syntax. The innermost is the last. */
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

  /** The token that was taken last. */
  get last(): Token {
    return this.#last;
  }

  /** UTF-16 index after the tokens that were read, including the lookahead. */
  get index(): number {
    return this.#lexer.index;
  }

  /** Returns the token `distance` ahead; 0 is the next token. An error of the lexer ends the parse. */
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

  /** Takes the next token if it has this type. Otherwise returns undefined. */
  accept(type: TokenType): Token | undefined {
    return this.peek().type === type ? this.take() : undefined;
  }

  /** Takes a token of this type. Reports any other token as unexpected in the current context. */
  expect(type: TokenType): Token {
    return this.accept(type) ?? this.unexpected();
  }

  /** Runs a rule. An unexpected token within it is reported with these texts. */
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

  /** Enters the next level of the tree. The caller must call `rise()` when the level is complete. */
  deepen(): void {
    if (++this.#depth > MAX_DEPTH) this.refuse(this.peek(), TOO_DEEP);
  }

  rise(to: number): void {
    this.#depth = to;
  }

  /** Ends the parse with the message of a budget, if there is one. */
  charge(position: Position, problem: string | undefined): void {
    if (problem !== undefined) this.refuse(position, problem);
  }

  /** Reports an error that ends the parse. */
  refuse(position: Position, message: string): never {
    this.report(position, message);
    throw new SyntaxAbort();
  }

  /** Reports the next token as unexpected, in the given or the innermost context, and ends the parse. */
  unexpected(context?: string, expected?: string): never {
    const [where, what] = context === undefined ? (this.#contexts.at(-1) ?? ["", ""]) : [context, expected ?? ""];
    const token = this.peek();
    let message = `unexpected ${describeToken(token)}`;
    if (where !== "") message += ` in ${where}`;
    if (what !== "") message += `, expected ${what}`;
    this.report(token, message);
    throw new SyntaxAbort();
  }

  /** Records an error that does not end the parse. After MAX_ERRORS errors the parse ends. */
  report(position: Position, message: string): void {
    if (this.errors.length === MAX_ERRORS) throw new SyntaxAbort();
    this.errors.push(new ParseError(message, { start: position.start, end: position.end }, this.text));
  }
}
