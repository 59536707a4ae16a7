export type TokenKind =
  | "assign"
  | "bool"
  | "char"
  | "comma"
  | "declare"
  | "dot"
  | "eof"
  | "error"
  | "field"
  | "identifier"
  | "keyword"
  | "leftDelim"
  | "leftParen"
  | "nil"
  | "number"
  | "pipe"
  | "rawString"
  | "rightDelim"
  | "rightParen"
  | "rune"
  | "space"
  | "string"
  | "text"
  | "variable";

/** One token of a template. `at` is the offset in the source in UTF-16 units; `line` starts at 1. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
  readonly line: number;
}

/** Returns a token as Go's syntax errors show it. */
export function describeToken({ kind, text }: Token): string {
  if (kind === "eof") return "EOF";
  if (kind === "error") return text;
  if (kind === "keyword" || kind === "nil") return `<${text}>`;
  return text.length > 10 ? `${JSON.stringify(Array.from(text).slice(0, 10).join(""))}...` : JSON.stringify(text);
}
