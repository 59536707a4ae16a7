import { fluxTokens, influxqlTokens, type QueryToken } from "./influxql-tokens.ts";
import type { Formatter, PlacedFormat } from "./variable-format.ts";

type TokenKind = QueryToken["kind"];

/**
 * Formats values of variables for InfluxQL and Flux. In a string, a value is escaped for its quotes. In a regular
 * expression, a value matches only itself, and several values become alternatives. Elsewhere, values are parts of the
 * query and are not escaped. Also replaces the format `regex`, because InfluxQL would read `\\/` as a slash.
 */
export const influxqlFormat: PlacedFormat = {
  in: (text) => {
    const isFlux = looksLikeFlux(text);
    const kindAt = kindsOf(isFlux ? fluxTokens(text) : influxqlTokens(text));
    return (index) => (isFlux ? fluxFormat(kindAt(index)) : formatIn(kindAt(index)));
  },
  named: { regex: ({ values }) => alternatives(values) },
};

const STATEMENT = /^(?:select|show|explain)\b/i;
const FLUX = /^(?:import\b|option\b|[a-z]{1,50}(?:\.[a-zA-Z]{1,50})?\()/;

/** Reports whether a text is a query in Flux. A part of a query in InfluxQL may be a regular expression. */
function looksLikeFlux(text: string): boolean {
  const start = text.trimStart();
  if (STATEMENT.test(start) || (start.startsWith("/") && start[1] !== "/")) return false;
  return start.includes("|>") || FLUX.test(start);
}

/**
 * Returns a function that takes a position in the text, and returns the kind of the part that contains it. Calls must
 * be made with ascending positions.
 */
function kindsOf(tokens: Generator<QueryToken>): (index: number) => TokenKind | undefined {
  let current = tokens.next().value as QueryToken | undefined;
  return (index) => {
    while (current !== undefined && current.end <= index) current = tokens.next().value as QueryToken | undefined;
    return current !== undefined && index >= current.start ? current.kind : undefined;
  };
}

const formatIn =
  (kind: TokenKind | undefined): Formatter =>
  ({ values, isMulti }) => {
    if (kind === "regex") return alternatives(values, isMulti);
    const written = values.length === 1 ? values[0]! : alternatives(values);
    if (kind === "comment") return inComment(written);
    return kind === "string" || kind === "name" ? inQuotes(written, kind === "string" ? "'" : '"') : written;
  };

const fluxFormat =
  (kind: TokenKind | undefined): Formatter =>
  ({ values, isMulti }) => {
    // A single value may be a regular expression that the user has written.
    if (kind === "regex") return values.length === 1 && !isMulti ? closed(values[0]!) : alternatives(values, true);
    const written = values.length === 1 ? values[0]! : `{${values.join(",")}}`;
    if (kind === "comment") return inComment(written);
    return kind === "name" ? inQuotes(written, '"').replaceAll("${", String.raw`\${`) : written;
  };

function alternatives(values: readonly string[], isList = false): string {
  const escaped = values.map(escapeRegex);
  return escaped.length === 1 && !isList ? escaped[0]! : `(${escaped.join("|")})`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": String.raw`\x5c`,
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
};

/**
 * Escapes a text for a regular expression between slashes. A backslash becomes its number, because the server would
 * read a slash after it as a part of the expression.
 */
const escapeRegex = (value: string): string =>
  value.replaceAll(/[\\^$*+?.()|[\]{}/\n\r]/g, (char) => ESCAPES[char] ?? `\\${char}`);

/**
 * Escapes the slashes of a regular expression, and a backslash at its end. An empty expression gets a group, because two
 * slashes begin a comment.
 */
const closed = (regex: string): string =>
  regex === ""
    ? "(?:)"
    : regex.replaceAll(/\\[^]|[\\/\n\r]/g, (part) => (part === "/" ? String.raw`\/` : (ESCAPES[part] ?? part)));

/** A string has no escape for a carriage return. The server reads it as the end of a line. */
const inQuotes = (value: string, quote: string): string =>
  value.replaceAll(/["'\\\n\r]/g, (char) =>
    char === "\n" || char === "\r" ? String.raw`\n` : char === "\\" || char === quote ? `\\${char}` : char,
  );

/** Removes the characters that end a comment. */
const inComment = (value: string): string => value.replaceAll(/[\n\r]|\*\//g, " ");
