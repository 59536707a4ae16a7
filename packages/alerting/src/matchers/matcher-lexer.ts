import { MatcherError } from "./matcher-text.ts";

/** A token of a matcher in the UTF-8 syntax. Columns count Unicode code points. */
export interface MatcherToken {
  readonly kind: "close" | "comma" | "end" | "open" | "operator" | "quoted" | "unquoted";
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const SPACE = /\p{White_Space}/u;
const RESERVED = /[\p{White_Space}{}!=~,\\"'`]/u;

const SINGLE = { "{": "open", "}": "close", ",": "comma" } as const;

/**
 * Reads a matcher's tokens only when the parser asks for them. A syntax error is therefore reported before an invalid
 * token later in the text.
 */
export class MatcherLexer {
  readonly #chars: readonly string[];
  #at = 0;
  #fault: MatcherError | undefined;

  constructor(input: string) {
    this.#chars = Array.from(input);
  }

  /** Column after the last token that take() returned. */
  get column(): number {
    return this.#at;
  }

  /** Returns the next token without consuming it. Throws MatcherError. */
  peek(): MatcherToken {
    const at = this.#at;
    try {
      return this.take();
    } finally {
      this.#at = at;
    }
  }

  /** Returns and consumes the next token. Throws MatcherError. After an error, every call throws the same error. */
  take(): MatcherToken {
    if (this.#fault !== undefined) throw this.#fault;
    const chars = this.#chars;
    let from = this.#at;
    while (from < chars.length && SPACE.test(chars[from]!)) from++;
    const char = chars[from];
    if (char === undefined) {
      this.#at = from;
      return { kind: "end", text: "", from: 0, to: 0 };
    }
    if (char === "{" || char === "}" || char === ",") return this.#emit(SINGLE[char], from, from + 1);
    if (char === "=" || char === "!") return this.#operator(from);
    if (char === '"') return this.#quoted(from);
    if (RESERVED.test(char)) this.#refuse(from, from + 1, `${char}: invalid input`);
    let to = from;
    while (to < chars.length && !RESERVED.test(chars[to]!)) to++;
    return this.#emit("unquoted", from, to);
  }

  #operator(from: number): MatcherToken {
    const [char, next] = [this.#chars[from], this.#chars[from + 1]];
    if (next === "~" || (char === "!" && next === "=")) return this.#emit("operator", from, from + 2);
    if (char === "=") return this.#emit("operator", from, from + 1);
    const what = next === undefined ? "unexpected end of input," : "!:";
    return this.#refuse(from, from + 1, `${what} expected one of '=~'`);
  }

  #quoted(from: number): MatcherToken {
    const chars = this.#chars;
    let to = from + 1;
    while (to < chars.length && chars[to] !== '"') to += chars[to] === "\\" ? 2 : 1;
    if (to < chars.length) return this.#emit("quoted", from, to + 1);
    return this.#refuse(from, chars.length, `${chars.slice(from).join("")}: missing end "`);
  }

  #emit(kind: MatcherToken["kind"], from: number, to: number): MatcherToken {
    this.#at = to;
    return { kind, text: this.#chars.slice(from, to).join(""), from, to };
  }

  #refuse(from: number, to: number, why: string): never {
    this.#fault = new MatcherError(`${from}:${to}: ${why}`);
    throw this.#fault;
  }
}
