import { QueryFailure } from "../../query-failure.ts";

/** Longest statement in characters, as in Grafana. */
const MAX_CHARS = 10_000;

/** A token of a statement. `text` of a string or a quoted name is its value, without quotes. */
export interface SqlToken {
  readonly kind: "string" | "quoted" | "name" | "number" | "sign";
  readonly text: string;
  /** Whether white space or a comment precedes the token. */
  readonly isSpaced: boolean;
}

const SPACE = /\s+/y;
const STRING = /'((?:[^'\\]|\\[^]|'')*)'|"((?:[^"\\]|\\[^]|"")*)"/y;
const QUOTED = /`((?:[^`]|``)*)`/y;
const NAME = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const NUMBER = /0x[\da-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const SIGN = /<=>|->>|->|<=|>=|<>|!=|\|\||&&|<<|>>|:=|[^]/y;

/** Escapes in texts of MySQL. `\%` and `\_` keep the backslash, which LIKE reads. */
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", Z: "\u001a" };

/** Returns the tokens of a statement of MySQL. Throws QueryFailure if it is too long, or a text or comment does not end. */
export function sqlTokens(sql: string): readonly SqlToken[] {
  if (sql.length > MAX_CHARS)
    throw new QueryFailure(400, `the statement is longer than ${MAX_CHARS} characters; write a shorter one`);
  if (sql.includes("\0")) throw new QueryFailure(400, "the statement contains a NUL character; remove it");
  const tokens: SqlToken[] = [];
  let at = 0;
  let isSpaced = false;
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(sql);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < sql.length) {
    const end = commentEnd(sql, at);
    if (end > at || read(SPACE) !== null) {
      at = Math.max(at, end);
      isSpaced = true;
      continue;
    }
    tokens.push({ ...tokenFrom(read, sql, at), isSpaced });
    isSpaced = false;
  }
  return tokens;
}

/** Returns the index after a comment that begins at `at`, or `at`. Throws QueryFailure if the comment does not end. */
function commentEnd(sql: string, at: number): number {
  if (sql.startsWith("/*", at)) {
    const end = sql.indexOf("*/", at + 2);
    if (end < 0) throw new QueryFailure(400, "a comment of the statement does not end; write */");
    return end + 2;
  }
  // In MySQL, two minus signs begin a comment only if white space follows.
  const isLine = sql[at] === "#" || (sql.startsWith("--", at) && (sql[at + 2] ?? " ").trim() === "");
  if (!isLine) return at;
  const end = sql.indexOf("\n", at);
  return end < 0 ? sql.length : end;
}

function tokenFrom(
  read: (pattern: RegExp) => RegExpExecArray | null,
  sql: string,
  at: number,
): Omit<SqlToken, "isSpaced"> {
  const string = read(STRING);
  if (string !== null) {
    const quote = sql[at]!;
    return { kind: "string", text: unescaped((string[1] ?? string[2])!, quote) };
  }
  const quoted = read(QUOTED);
  if (quoted !== null) return { kind: "quoted", text: quoted[1]!.replaceAll("``", "`") };
  const name = read(NAME);
  if (name !== null) return { kind: "name", text: name[0] };
  const number = read(NUMBER);
  if (number !== null) return { kind: "number", text: number[0] };
  const [text] = read(SIGN)!;
  if (text === "'" || text === '"' || text === "`")
    throw new QueryFailure(400, `the statement ends within the text that begins with ${sql.slice(at, at + 20)}`);
  return { kind: "sign", text };
}

/** Escaped characters and doubled quotes of a text, by its quote. */
const ESCAPED: Readonly<Record<string, RegExp>> = { "'": /\\([^])|''/g, '"': /\\([^])|""/g };

const unescaped = (text: string, quote: string): string =>
  text.replaceAll(ESCAPED[quote]!, (whole, character: string | undefined) => {
    if (character === undefined) return quote;
    return character === "%" || character === "_" ? whole : (ESCAPES[character] ?? character);
  });

/** Reports whether a token is a keyword or the name of a function. The word is in upper case. */
export const isWord = (token: SqlToken | undefined, ...words: readonly string[]): boolean =>
  token !== undefined && token.kind === "name" && words.includes(token.text.toUpperCase());

export const isSign = (token: SqlToken | undefined, sign: string): boolean =>
  token !== undefined && token.kind === "sign" && token.text === sign;

/** Returns the index of the parenthesis that closes the one at `open`. Throws QueryFailure. */
export function closingIndex(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isSign(tokens[at], "(")) depth++;
    else if (isSign(tokens[at], ")") && --depth === 0) return at;
  }
  throw new QueryFailure(400, "a parenthesis of the statement is not closed; write )");
}
