/** The syntax tree of a JavaScript regular expression. Nodes that match one character contain their source text. */
export type PatternNode =
  | { readonly kind: "character"; readonly source: string }
  | { readonly kind: "edge"; readonly edge: "^" | "$" | "b" | "B" }
  | { readonly kind: "reference"; readonly group: number | string }
  | { readonly kind: "sequence"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "choice"; readonly branches: readonly PatternNode[] }
  /** A group in parentheses. Capturing groups are numbered from 1; other groups have no number. */
  | { readonly kind: "group"; readonly body: PatternNode; readonly capture?: number; readonly name?: string }
  | { readonly kind: "look"; readonly body: PatternNode; readonly behind: boolean; readonly negative: boolean }
  | {
      readonly kind: "repeat";
      readonly body: PatternNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    };

/** Largest depth of nested groups. The stack has room for more, and expressions that people write have fewer. */
const MAX_DEPTH = 50;

/** Error for syntax that this parser does not support. The expression is then refused. */
class UnknownSyntax extends Error {}

const quantifier = /^(?:([*+?])|\{(\d{1,9})(?:(,)(\d{0,9}))?\})(\??)/;
/**
 * Matches an escape for one character. Without the flag `u`, most escaped letters mean themselves: `\p{L}` is the text
 * `p{L}`.
 */
const escape = /^\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[A-Za-z]|0(?!\d)|[^ck\d])/;

class PatternReader {
  private at = 0;
  private depth = 0;
  captures = 0;
  readonly names = new Map<string, number>();
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  read(): PatternNode {
    const node = this.choice();
    if (this.at < this.source.length) throw new UnknownSyntax();
    return node;
  }

  private takes(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private takesMatch(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.source.slice(this.at, this.at + 64));
    if (match === null) return undefined;
    this.at += match[0].length;
    return match;
  }

  private choice(): PatternNode {
    if (++this.depth > MAX_DEPTH) throw new UnknownSyntax();
    const branches = [this.sequence()];
    while (this.takes("|")) branches.push(this.sequence());
    this.depth--;
    return branches.length === 1 ? branches[0]! : { kind: "choice", branches };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.at < this.source.length && !"|)".includes(this.source[this.at]!)) parts.push(this.repeated());
    return parts.length === 1 ? parts[0]! : { kind: "sequence", parts };
  }

  private repeated(): PatternNode {
    const body = this.atom();
    const match = this.takesMatch(quantifier);
    if (match === undefined) return body;
    const [, sign, least, comma, most, lazy] = match;
    const min = sign === undefined ? Number(least) : sign === "+" ? 1 : 0;
    const max =
      sign === undefined
        ? comma === undefined
          ? min
          : most === "" || most === undefined
            ? Infinity
            : Number(most)
        : sign === "?"
          ? 1
          : Infinity;
    return { kind: "repeat", body, min, max, lazy: lazy === "?" };
  }

  private atom(): PatternNode {
    if (this.takes("(")) return this.group();
    if (this.takes("^")) return { kind: "edge", edge: "^" };
    if (this.takes("$")) return { kind: "edge", edge: "$" };
    if (this.takes("\\b")) return { kind: "edge", edge: "b" };
    if (this.takes("\\B")) return { kind: "edge", edge: "B" };
    const source = this.source;
    if (source[this.at] === "[") return { kind: "character", source: this.characterClass() };
    if (source[this.at] !== "\\") return { kind: "character", source: source[this.at++]! };
    const reference = this.takesMatch(/^\\(?:([1-9]\d?)(?!\d)|k<(\w+)>)/);
    if (reference !== undefined) {
      const [, number, name] = reference;
      return { kind: "reference", group: number === undefined ? name! : Number(number) };
    }
    const match = this.takesMatch(escape);
    if (match === undefined) throw new UnknownSyntax();
    return { kind: "character", source: match[0] };
  }

  private characterClass(): string {
    const start = this.at++;
    while (this.source[this.at] !== "]") {
      if (this.at >= this.source.length) throw new UnknownSyntax();
      this.at += this.source[this.at] === "\\" ? 2 : 1;
    }
    return this.source.slice(start, ++this.at);
  }

  private group(): PatternNode {
    const look = this.takesMatch(/^\?(<?)([=!])/);
    let node: PatternNode;
    if (look !== undefined) {
      node = { kind: "look", body: this.choice(), behind: look[1] === "<", negative: look[2] === "!" };
    } else if (this.takes("?:")) {
      node = { kind: "group", body: this.choice() };
    } else {
      const name = this.takesMatch(/^\?<(\w+)>/)?.[1];
      if (name === undefined && this.source[this.at] === "?") throw new UnknownSyntax();
      const capture = ++this.captures;
      if (name !== undefined) this.names.set(name, capture);
      node = { kind: "group", body: this.choice(), capture, ...(name === undefined ? {} : { name }) };
    }
    if (!this.takes(")")) throw new UnknownSyntax();
    return node;
  }
}

/** The syntax tree of an expression, with the number of capturing groups and the names of groups. */
export interface ParsedPattern {
  readonly root: PatternNode;
  readonly captures: number;
  readonly names: ReadonlyMap<string, number>;
}

/**
 * Parses a regular expression. Returns undefined for syntax that this parser does not know, even if JavaScript's engine
 * does.
 */
export function parsePattern(source: string): ParsedPattern | undefined {
  const reader = new PatternReader(source);
  try {
    return { root: reader.read(), captures: reader.captures, names: reader.names };
  } catch (error) {
    if (error instanceof UnknownSyntax) return undefined;
    throw error;
  }
}
