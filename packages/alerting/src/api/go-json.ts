import { quote } from "@narthex/model";

/** A JSON value. Members of an object keep their order, and repeated members are kept. */
export type JsonNode =
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "null" }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "object"; readonly members: readonly (readonly [string, JsonNode])[] }
  | { readonly kind: "string"; readonly text: string };

/** A text is not valid JSON. The message is the same as that of Go's JSON decoder. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** Maximum nesting depth of JSON arrays and objects. */
const MAX_DEPTH = 10_000;

/**
 * Parses the first JSON value of a text and ignores the rest, like Go's stream decoder. Returns undefined for white
 * space only. Throws JsonError.
 */
export function parseGoJson(text: string): JsonNode | undefined {
  const reader = new Reader(text);
  reader.skipSpace();
  return reader.atEnd ? undefined : reader.value();
}

/** A JSON array or object of which the parser has read only the beginning. */
type Open =
  | { readonly kind: "array"; readonly items: JsonNode[] }
  | { readonly kind: "object"; readonly members: [string, JsonNode][]; key: string };

const LITERALS: Readonly<Record<string, readonly [string, JsonNode]>> = {
  t: ["true", { kind: "bool", value: true }],
  f: ["false", { kind: "bool", value: false }],
  n: ["null", { kind: "null" }],
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skipSpace(): void {
    while (!this.atEnd && " \t\r\n".includes(this.#text[this.#at]!)) this.#at++;
  }

  /** Parses a JSON value without recursion, because a client may send a deeply nested value. */
  value(): JsonNode {
    const open: Open[] = [];
    for (;;) {
      let done = this.#begin(open);
      while (done !== undefined) {
        const parent = open.at(-1);
        if (parent === undefined) return done;
        done = this.#add(parent, done) ? open.pop() : undefined;
      }
    }
  }

  /**
   * Begins to parse a JSON value. Returns the value if it is complete. Adds a non-empty array or object to `open`
   * instead and returns undefined.
   */
  #begin(open: Open[]): JsonNode | undefined {
    const char = this.#peek();
    if (char === '"') return { kind: "string", text: this.#string() };
    if (char === "-" || (char >= "0" && char <= "9")) return { kind: "number", text: this.#number() };
    const literal = LITERALS[char];
    if (literal !== undefined) return this.#literal(literal);
    if (char !== "[" && char !== "{") this.#refuse("looking for beginning of value");
    if (open.length >= MAX_DEPTH) throw new JsonError("exceeded max depth");
    this.#at++;
    const container: Open = char === "[" ? { kind: "array", items: [] } : { kind: "object", members: [], key: "" };
    if (this.#peek() === (char === "[" ? "]" : "}")) {
      this.#at++;
      return container;
    }
    if (container.kind === "object") container.key = this.#key();
    open.push(container);
    return undefined;
  }

  /**
   * Adds a value to the JSON array or object that contains it. Returns true if this array or object is now complete.
   */
  #add(parent: Open, value: JsonNode): boolean {
    if (parent.kind === "array") parent.items.push(value);
    else parent.members.push([parent.key, value]);
    const char = this.#peek();
    const array = parent.kind === "array";
    if (char !== "," && char !== (array ? "]" : "}")) {
      this.#refuse(array ? "after array element" : "after object key:value pair");
    }
    this.#at++;
    if (char !== ",") return true;
    if (parent.kind === "object") parent.key = this.#key();
    return false;
  }

  #key(): string {
    if (this.#peek() !== '"') this.#refuse("looking for beginning of object key string");
    const key = this.#string();
    if (this.#peek() !== ":") this.#refuse("after object key");
    this.#at++;
    return key;
  }

  /** Returns the next character that is not white space, without consuming it. */
  #peek(): string {
    this.skipSpace();
    return this.#char();
  }

  #char(): string {
    if (this.atEnd) throw new JsonError("unexpected EOF");
    return this.#text[this.#at]!;
  }

  #literal([word, node]: readonly [string, JsonNode]): JsonNode {
    for (const expected of word) {
      if (this.#char() !== expected) this.#refuse(`in literal ${word} (expecting '${expected}')`);
      this.#at++;
    }
    return node;
  }

  #number(): string {
    const from = this.#at;
    if (this.#char() === "-") this.#at++;
    if (this.#char() === "0") this.#at++;
    else this.#digits();
    if (!this.atEnd && this.#char() === ".") {
      this.#at++;
      this.#digits();
    }
    if (!this.atEnd && /[eE]/.test(this.#char())) {
      this.#at++;
      if (/[+-]/.test(this.#char())) this.#at++;
      this.#digits();
    }
    return this.#text.slice(from, this.#at);
  }

  #digits(): void {
    if (!/[0-9]/.test(this.#char())) this.#refuse("in numeric literal");
    while (!this.atEnd && /[0-9]/.test(this.#text[this.#at]!)) this.#at++;
  }

  #string(): string {
    const from = ++this.#at;
    let escaped = false;
    for (;;) {
      const char = this.#char();
      if (char === '"') break;
      if (char < " ") this.#refuse("in string");
      if (char === "\\") {
        escaped = true;
        this.#escape();
      } else this.#at++;
    }
    const raw = this.#text.slice(from, this.#at++);
    // Replaces half of a surrogate pair by U+FFFD, as Go does.
    return escaped ? (JSON.parse(`"${raw}"`) as string).toWellFormed() : raw;
  }

  #escape(): void {
    const next = this.#text[this.#at + 1];
    if (next === undefined) throw new JsonError("unexpected EOF");
    if (next !== "u") {
      if (!'"\\/bfnrt'.includes(next)) refuseEscape(this.#text.slice(this.#at, this.#at + 2));
      this.#at += 2;
      return;
    }
    const sequence = this.#text.slice(this.#at, this.#at + 6);
    if (!/^\\u[0-9a-fA-F]*$/.test(sequence)) refuseEscape(sequence);
    if (sequence.length < 6) throw new JsonError("unexpected EOF");
    this.#at += 6;
  }

  #refuse(where: string): never {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    throw new JsonError(`invalid character ${quoteRune(char)} ${where}`);
  }
}

function refuseEscape(sequence: string): never {
  const awkward = /[`\ufffd\s]|[^\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(sequence);
  throw new JsonError(`invalid escape sequence ${awkward ? quote(sequence) : `\`${sequence}\``} in string`);
}

/** Returns a character in single quotes, as Go prints it. */
const quoteRune = (char: string): string =>
  char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${quote(char).slice(1, -1)}'`;
