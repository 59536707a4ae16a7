import { decodePercents, decodeUtf8 } from "./header-bytes.ts";

/** A parsed header Content-Type or Content-Disposition. */
export interface MediaType {
  /** Media type or disposition in lower case, such as `text/plain` or `form-data`. */
  readonly type: string;
  /** Parameters by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
}

const SPACES = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*/y;
const TOKEN = /[\w!#$%&'*+.^`{|}~-]*/y;
const SPECIAL = new Set('()<>@,;:\\"/[]?=');

/**
 * Parses a header value as Go's mime.ParseMediaType. Each char of `header` is one byte. Returns undefined if a
 * parameter is malformed or has two different values.
 */
export function parseMediaType(header: string): MediaType | undefined {
  const scanner = new Scanner(decodeUtf8(header));
  const type = scanner.type();
  if (type === undefined) return undefined;
  const parameters = new Map<string, string>();
  const pieces = new Map<string, Map<string, string>>();
  for (scanner.take(SPACES); !scanner.isAtEnd(); scanner.take(SPACES)) {
    const parameter = scanner.parameter();
    if (parameter === undefined) return undefined;
    if (parameter === ";") break;
    const [name, value] = parameter;
    const star = name.indexOf("*");
    let values = parameters;
    if (star !== -1) {
      const base = name.slice(0, star);
      values = pieces.get(base) ?? new Map<string, string>();
      pieces.set(base, values);
    }
    if ((values.get(name) ?? value) !== value) return undefined;
    values.set(name, value);
  }
  for (const [name, values] of pieces) {
    const value = joined(name, values);
    if (value !== undefined) parameters.set(name, value);
  }
  return { type, parameters };
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [text] = pattern.exec(this.#text)!;
    this.#at += text.length;
    return text;
  }

  /** Reads the media type. Returns undefined if the header has no media type. */
  type(): string | undefined {
    this.take(SPACES);
    const start = this.#at;
    if (this.take(TOKEN) === "") return undefined;
    if (this.#accepts("/")) this.take(TOKEN);
    return this.#text.slice(start, this.#at).toLowerCase();
  }

  /** Reads the next parameter. Returns ";" for a trailing semicolon, and undefined if the parameter is malformed. */
  parameter(): readonly [name: string, value: string] | ";" | undefined {
    if (!this.#accepts(";")) return undefined;
    this.take(SPACES);
    if (this.isAtEnd()) return ";";
    const name = this.take(TOKEN).toLowerCase();
    this.take(SPACES);
    if (name === "" || !this.#accepts("=")) return undefined;
    this.take(SPACES);
    if (this.#accepts('"')) {
      const value = this.#quoted();
      return value === undefined ? undefined : [name, value];
    }
    const value = this.take(TOKEN);
    return value === "" ? undefined : [name, value];
  }

  /** Reads a quoted string after its opening quote. A backslash before an ordinary character is part of the value. */
  #quoted(): string | undefined {
    const text = this.#text;
    let value = "";
    let start = this.#at;
    for (; this.#at < text.length; this.#at++) {
      const char = text[this.#at]!;
      if (char === "\r" || char === "\n") return undefined;
      if (char === "\\" && SPECIAL.has(text[this.#at + 1] ?? "")) {
        value += text.slice(start, this.#at);
        start = ++this.#at;
      } else if (char === '"') {
        value += text.slice(start, this.#at++);
        return value;
      }
    }
    return undefined;
  }

  #accepts(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}

/** Returns the value of a parameter in the encoding of RFC 2231, either from `name*` or from numbered parts. */
function joined(name: string, values: ReadonlyMap<string, string>): string | undefined {
  const whole = values.get(`${name}*`);
  if (whole !== undefined) return decoded(whole);
  let value: string | undefined;
  for (let n = 0; ; n++) {
    const plain = values.get(`${name}*${n}`);
    const encoded = values.get(`${name}*${n}*`);
    if (plain === undefined && encoded === undefined) return value;
    value = (value ?? "") + (plain ?? (n === 0 ? decoded(encoded!) : decodePercents(encoded!)) ?? "");
  }
}

/** Decodes `charset'language'text`. Returns undefined for other charsets than UTF-8, and for malformed escapes. */
function decoded(value: string): string | undefined {
  const [charset, language, ...text] = value.split("'");
  if (language === undefined || text.length === 0) return undefined;
  return ["us-ascii", "utf-8"].includes(charset!.toLowerCase()) ? decodePercents(text.join("'")) : undefined;
}
