import { QueryFailure } from "../query-failure.ts";

export type MathOperator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%" | "**";

/** The syntax tree of a math expression over the values of other queries. */
export type MathNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "reference"; readonly refId: string }
  | { readonly kind: "unary"; readonly op: "-" | "!"; readonly of: MathNode }
  | { readonly kind: "binary"; readonly op: MathOperator; readonly left: MathNode; readonly right: MathNode }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly MathNode[] };

const MAX_CHARS = 10_000;
const MAX_DEPTH = 100;

/** Operators by precedence, from the lowest to the highest. */
const LEVELS: readonly (readonly MathOperator[])[] = [
  ["||"],
  ["&&"],
  ["==", "!=", "<=", ">=", "<", ">"],
  ["+", "-"],
  ["*", "/", "%"],
  ["**"],
];
const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|0x[\da-fA-F]+)|\$(?:\{([^}]{1,200})\}|(\w{1,200}))|(\w{1,50})|(\*\*|\|\||&&|[=!<>]=|[-+*/%<>!(),]))/y;

interface Token {
  readonly kind: "number" | "reference" | "name" | "sign" | "end";
  readonly text: string;
}

/** Parses a formula such as `$A + abs($B) * 2`. Throws QueryFailure with the reason if it is invalid. */
export function parseMath(text: string): MathNode {
  if (text.length > MAX_CHARS) throw new QueryFailure(400, `the expression is longer than ${MAX_CHARS} characters`);
  return new MathParser(tokensOf(text)).parse();
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      throw new QueryFailure(400, `the expression cannot be read from "${text.slice(at, at + 20).trim()}" on`);
    const [, number, braced, bare, name, sign] = match;
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (braced !== undefined || bare !== undefined) tokens.push({ kind: "reference", text: braced ?? bare! });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else tokens.push({ kind: "sign", text: sign! });
  }
  return [...tokens, { kind: "end", text: "" }];
}

class MathParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): MathNode {
    const node = this.#binary(0);
    if (this.#next.kind !== "end") this.#fail();
    return node;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #took(sign: string): boolean {
    if (this.#next.kind !== "sign" || this.#next.text !== sign) return false;
    this.#at++;
    return true;
  }

  #fail(): never {
    const { kind, text } = this.#next;
    throw new QueryFailure(
      400,
      kind === "end" ? "the expression ends too early" : `the expression has "${text}" where it does not belong`,
    );
  }

  #binary(level: number): MathNode {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const op = operators.find((one) => this.#took(one));
      if (op === undefined) return left;
      left = { kind: "binary", op, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): MathNode {
    if (++this.#depth > MAX_DEPTH)
      throw new QueryFailure(400, `the expression is nested more than ${MAX_DEPTH} levels deep`);
    const op = (["-", "!"] as const).find((one) => this.#took(one));
    const node: MathNode = op === undefined ? this.#primary() : { kind: "unary", op, of: this.#unary() };
    this.#depth--;
    return node;
  }

  #primary(): MathNode {
    const { kind, text } = this.#next;
    if (this.#took("(")) {
      const node = this.#binary(0);
      if (!this.#took(")")) this.#fail();
      return node;
    }
    if (kind === "sign" || kind === "end") this.#fail();
    this.#at++;
    if (kind === "number") return { kind, value: Number(text) };
    if (kind === "reference") return { kind, refId: text };
    return { kind: "call", name: text, args: this.#arguments() };
  }

  #arguments(): readonly MathNode[] {
    if (!this.#took("(")) this.#fail();
    const args: MathNode[] = [];
    if (this.#took(")")) return args;
    do args.push(this.#binary(0));
    while (this.#took(","));
    if (!this.#took(")")) this.#fail();
    return args;
  }
}
