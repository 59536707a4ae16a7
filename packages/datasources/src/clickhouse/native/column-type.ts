import { QueryFailure } from "../../query-failure.ts";

/** Deepest nesting of types that is read. */
const MAX_DEPTH = 32;
/** Longest text of a type. Enums contain all their names. A parsed type takes many times as much memory. */
const MAX_TYPE = 256 * 1024;

/** A type of ClickHouse: a name, and what follows in parentheses. */
export interface ColumnType {
  readonly name: string;
  readonly args: readonly TypeArgument[];
}

/** An argument of a type: a type with an optional name, a number, a text, or a name with its number in an enum. */
interface TypeArgument {
  /** Name of the element of a named tuple, or a value's name in an enum. */
  readonly label?: string;
  readonly type?: ColumnType;
  readonly number?: number;
  readonly text?: string;
}

/** Parses the type of a column, such as `Array(Nullable(String))`. Throws QueryFailure. */
export function parseColumnType(text: string): ColumnType {
  if (text.length > MAX_TYPE) throw new QueryFailure(502, "the type of a column is too long");
  const parser = new TypeParser(text);
  const type = parser.type(0);
  parser.end();
  return type;
}

class TypeParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  type(depth: number): ColumnType {
    const name = this.#word();
    if (name === "" || depth > MAX_DEPTH) throw this.#problem();
    const args: TypeArgument[] = [];
    if (this.#skip("(") && !this.#skip(")")) {
      do args.push(this.#argument(depth + 1));
      while (this.#skip(","));
      if (!this.#skip(")")) throw this.#problem();
    }
    return { name, args };
  }

  end(): void {
    this.#spaces();
    if (this.#at < this.#text.length) throw this.#problem();
  }

  #argument(depth: number): TypeArgument {
    this.#spaces();
    const first = this.#text[this.#at] ?? "";
    if (first === "'") {
      const text = this.#quoted("'");
      return this.#skip("=") ? { label: text, number: this.#number() } : { text };
    }
    if (first === "-" || (first >= "0" && first <= "9")) return { number: this.#number() };
    if (first === "`") return { label: this.#quoted("`"), type: this.type(depth) };
    const start = this.#at;
    const label = this.#word();
    this.#spaces();
    // A name is followed by its type; a type is followed by a parenthesis, a comma or nothing.
    if (label !== "" && isWord(this.#text.charCodeAt(this.#at))) return { label, type: this.type(depth) };
    this.#at = start;
    return { type: this.type(depth) };
  }

  #word(): string {
    this.#spaces();
    const start = this.#at;
    while (this.#at < this.#text.length && isWord(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #number(): number {
    this.#spaces();
    const start = this.#at;
    while (this.#at < this.#text.length && "-0123456789".includes(this.#text[this.#at]!)) this.#at++;
    const number = Number(this.#text.slice(start, this.#at));
    if (start === this.#at || Number.isNaN(number)) throw this.#problem();
    return number;
  }

  #quoted(mark: string): string {
    let value = "";
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!;
      if (character === mark) {
        this.#at++;
        return value;
      }
      value += character === "\\" ? (this.#text[++this.#at] ?? "") : character;
    }
    throw this.#problem();
  }

  #skip(mark: string): boolean {
    this.#spaces();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #spaces(): void {
    while (this.#text[this.#at] === " ") this.#at++;
  }

  #problem(): QueryFailure {
    return new QueryFailure(502, `the type "${this.#text.slice(0, 100)}" of a column cannot be read`);
  }
}

const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
