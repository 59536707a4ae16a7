import type { MatchType } from "@narthex/model";
import { MatcherError, type MatcherText } from "./matcher-text.ts";

interface Token {
  readonly kind: "close" | "comma" | "end" | "open" | "operator" | "quoted" | "unquoted";
  readonly text: string;
  /** Columns in code points. */
  readonly from: number;
  readonly to: number;
}

const OPERATOR = "expected an operator such as '=', '!=', '=~' or '!~'";
const RESERVED = /[\s{}!=~,\\"'`]/;

/** The syntax since 0.27: any UTF-8 name, quoted where it needs to be. Throws MatcherError. */
export function parseUtf8(input: string): readonly MatcherText[] {
  const parser = new Parser(tokenize(input));
  return parser.parse();
}

function tokenize(input: string): Token[] {
  const chars = Array.from(input);
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length;) {
    const char = chars[at]!;
    if (/\s/.test(char)) {
      at++;
      continue;
    }
    const token = readToken(chars, at);
    tokens.push(token);
    at = token.to;
  }
  tokens.push({ kind: "end", text: "end of input", from: chars.length, to: chars.length });
  return tokens;
}

function readToken(chars: readonly string[], from: number): Token {
  const char = chars[from]!;
  const single = { "{": "open", "}": "close", ",": "comma" } as const;
  if (char === "{" || char === "}" || char === ",") return { kind: single[char], text: char, from, to: from + 1 };
  if (char === "=" || char === "!") {
    const next = chars[from + 1];
    if (next === "~" || (char === "!" && next === "=")) {
      return { kind: "operator", text: char + next, from, to: from + 2 };
    }
    if (char === "=") return { kind: "operator", text: char, from, to: from + 1 };
    throw new MatcherError(`${from}:${from + 1}: !: expected one of '=~': ${OPERATOR}`);
  }
  if (char === '"') return readQuoted(chars, from);
  if (RESERVED.test(char)) throw new MatcherError(`${from}:${from + 1}: ${char}: invalid input`);
  let to = from;
  while (to < chars.length && !RESERVED.test(chars[to]!)) to++;
  return { kind: "unquoted", text: chars.slice(from, to).join(""), from, to };
}

function readQuoted(chars: readonly string[], from: number): Token {
  let to = from + 1;
  while (to < chars.length && chars[to] !== '"') to += chars[to] === "\\" ? 2 : 1;
  if (to >= chars.length) {
    throw new MatcherError(`${from}:${chars.length}: ${chars.slice(from).join("")}: missing end "`);
  }
  return { kind: "quoted", text: chars.slice(from, to + 1).join(""), from, to: to + 1 };
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): MatcherText[] {
    const braces = this.#peek().kind === "open";
    if (braces) this.#next++;
    const matchers: MatcherText[] = [];
    while (this.#peek().kind !== "close" && this.#peek().kind !== "end") {
      matchers.push(this.#matcher(matchers.length > 0));
      if (this.#peek().kind !== "comma") break;
      this.#next++;
    }
    this.#close(braces, matchers.length > 0);
    return matchers;
  }

  #matcher(afterComma: boolean): MatcherText {
    if (afterComma && this.#peek().kind === "comma") this.#refuse("expected a matcher or close brace after comma");
    const name = this.#literal("expected label name");
    const operator = this.#peek();
    if (operator.kind !== "operator") this.#refuse(OPERATOR);
    this.#next++;
    const value = this.#literal("expected label value");
    return { name, type: operator.text as MatchType, value };
  }

  #close(braces: boolean, some: boolean): void {
    const token = this.#peek();
    if (token.kind === "close") {
      if (!braces) throw new MatcherError(`0:${token.to}: }: expected opening brace`);
      this.#next++;
      const { kind, text, from, to } = this.#peek();
      if (kind !== "end") throw new MatcherError(`${from}:${to}: ${text}: expected end of input`);
      return;
    }
    if (token.kind === "end") {
      if (braces) throw new MatcherError(`0:${token.to}: end of input: expected close brace`);
      return;
    }
    this.#refuse(some ? "expected a comma or close brace" : "expected label name");
  }

  #literal(why: string): string {
    const token = this.#peek();
    if (token.kind !== "quoted" && token.kind !== "unquoted") this.#refuse(why);
    this.#next++;
    return token.kind === "quoted" ? unquote(token) : token.text;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #refuse(why: string): never {
    const { kind, text, from, to } = this.#peek();
    if (kind === "end") throw new MatcherError(`end of input: ${why}`);
    throw new MatcherError(`${from}:${to}: unexpected ${text}: ${why}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

function unquote({ text, from, to }: Token): string {
  return text.slice(1, -1).replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs, (...found) => {
    const [, hex, short, long, simple] = found as (string | undefined)[];
    const code = hex ?? short ?? long;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    const char = ESCAPES[simple!];
    if (char === undefined) throw new MatcherError(`${from}:${to}: ${text}: invalid input`);
    return char;
  });
}
