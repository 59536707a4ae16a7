/**
 * A node of a JSON document. Scalars are kept as written, keys are kept in order, and `at` is the offset in the text.
 */
export type JsonNode =
  | { readonly kind: "object"; readonly at: number; readonly members: readonly JsonMember[] }
  | { readonly kind: "list"; readonly at: number; readonly items: readonly JsonNode[] }
  /** The scalar as written in the file: a quoted string, a number, `true`, `false` or `null`. */
  | { readonly kind: "scalar"; readonly at: number; readonly text: string };

interface JsonMember {
  readonly key: string;
  /** The key as written in the file, with quotes. */
  readonly text: string;
  readonly node: JsonNode;
}

/** Error for a text that is not JSON. The message describes the problem, and `at` is its offset in the text. */
export class JsonTextError extends Error {
  override readonly name = "JsonTextError";
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Maximum nesting depth. Dashboards are less deep, and this depth does not overflow the call stack. */
const MAX_DEPTH = 500;

const TOKEN = /[\s\uFEFF]*(?:("[^"\\]*(?:\\.[^"\\]*)*")|([{}[\]:,])|([^\s{}[\]:,"]+))/y;

const SCALAR = /^(?:"|(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$)/;

/**
 * Reads a text token by token, and reports the first token that is not valid. JSON.parse() checks the content of
 * strings.
 */
class JsonTextReader {
  readonly #text: string;
  #at = 0;
  /** The current token; empty at the end of the text. */
  #token = "";
  #tokenAt = 0;

  constructor(text: string) {
    this.#text = text;
    this.#next();
  }

  value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw new JsonTextError(`values are nested more than ${MAX_DEPTH} deep`, this.#tokenAt);
    const at = this.#tokenAt;
    if (this.#token === "{") return { kind: "object", at, members: this.#members(depth) };
    if (this.#token === "[") return { kind: "list", at, items: this.#items(depth) };
    if (!SCALAR.test(this.#token)) this.#refuse("a value");
    return { kind: "scalar", at, text: this.#take() };
  }

  /** Throws JsonTextError if the text continues after the value. */
  end(): void {
    if (this.#token !== "" || this.#at < this.#text.trimEnd().length) this.#refuse("the end");
  }

  #refuse(wanted: string): never {
    const rest = this.#text.slice(this.#tokenAt);
    const found =
      this.#token === "" ? (rest.startsWith('"') ? "a string without a closing quote" : "the end") : this.#token;
    const text = found.length > 40 ? `${found.slice(0, 40)}…` : found;
    throw new JsonTextError(`this is not JSON: ${wanted} is expected, not ${text}`, this.#tokenAt);
  }

  #expect(token: string): void {
    if (this.#token !== token) this.#refuse(token);
    this.#take();
  }

  #members(depth: number): JsonMember[] {
    const members: JsonMember[] = [];
    this.#take();
    while (this.#token !== "}" || members.length > 0) {
      if (!this.#token.startsWith('"')) this.#refuse("a key in quotes");
      const at = this.#tokenAt;
      const text = this.#take();
      this.#expect(":");
      members.push({ key: keyOf(text, at), text, node: this.value(depth + 1) });
      if (this.#token !== ",") break;
      this.#take();
    }
    this.#expect("}");
    return members;
  }

  #items(depth: number): JsonNode[] {
    const items: JsonNode[] = [];
    this.#take();
    while (this.#token !== "]" || items.length > 0) {
      items.push(this.value(depth + 1));
      if (this.#token !== ",") break;
      this.#take();
    }
    this.#expect("]");
    return items;
  }

  #take(): string {
    const token = this.#token;
    this.#next();
    return token;
  }

  #next(): void {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    this.#token = match?.[1] ?? match?.[2] ?? match?.[3] ?? "";
    if (match === null) {
      // Without a valid token, the text has ended, or a string has no closing quote.
      this.#tokenAt = this.#at + (this.#text.slice(this.#at).length - this.#text.slice(this.#at).trimStart().length);
      return;
    }
    this.#at = TOKEN.lastIndex;
    this.#tokenAt = this.#at - this.#token.length;
  }
}

/** Parses JSON. Throws JsonTextError. */
export function readJsonText(text: string): { readonly value: unknown; readonly root: JsonNode } {
  // The text with a space in place of a byte order mark, which editors on Windows write and JSON does not allow. The
  // space keeps the offsets.
  const bare = text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text;
  const reader = new JsonTextReader(bare);
  const root = reader.value(0);
  reader.end();
  try {
    return { value: JSON.parse(bare) as unknown, root };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const at = Number(/position (\d+)/.exec(error.message)?.[1] ?? 0);
    throw new JsonTextError(`this is not JSON: ${error.message.replace(/ in JSON at position.*$/s, "")}`, at);
  }
}

function keyOf(text: string, at: number): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new JsonTextError("this is not JSON: a key contains a character that must be escaped", at);
  }
}

const INDENT = "  ";

/**
 * Prints JSON with one value on each line and the keys of objects in alphabetical order, as Grafana exports them. Lists
 * keep their order, values keep their spelling, and duplicate keys are kept.
 */
export function printJson(node: JsonNode, indent = ""): string {
  const inner = indent + INDENT;
  switch (node.kind) {
    case "scalar":
      return node.text;
    case "list":
      if (node.items.length === 0) return "[]";
      return `[\n${node.items.map((item) => inner + printJson(item, inner)).join(",\n")}\n${indent}]`;
    case "object": {
      if (node.members.length === 0) return "{}";
      const members = node.members.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      return `{\n${members.map(({ text, node: value }) => `${inner}${text}: ${printJson(value, inner)}`).join(",\n")}\n${indent}}`;
    }
  }
}

/**
 * Returns the value of a key of an object, or an item of a list. For a duplicate key, returns the last value, as
 * JSON.parse() does.
 */
export function childOf(node: JsonNode, step: string | number): JsonNode | undefined {
  if (node.kind === "list") return typeof step === "number" ? node.items[step] : undefined;
  return node.kind === "object" ? node.members.findLast(({ key }) => key === step)?.node : undefined;
}
