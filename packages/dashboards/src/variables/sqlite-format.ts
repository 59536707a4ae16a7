import type { Formatter, PlacedFormat } from "./variable-format.ts";

/** A part of a statement that its last character ends: a literal or a name in quotes, or a comment. */
interface Part {
  readonly close: string;
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
}

/** Ends of literals, names and comments, by their beginning. */
const PARTS: readonly (readonly [open: string, close: string])[] = [
  ["'", "'"],
  ['"', '"'],
  ["`", "`"],
  ["[", "]"],
  ["--", "\n"],
  ["/*", "*/"],
];

/** Returns the parts of a statement of SQLite. A part whose end is missing reaches to the end of the text. */
function* partsOf(text: string): Generator<Part> {
  for (let at = 0; at < text.length; at++) {
    const part = PARTS.find(([open]) => text.startsWith(open, at));
    if (part === undefined) continue;
    const [open, close] = part;
    const found = text.indexOf(close, at + open.length);
    const end = found < 0 ? text.length : found + close.length;
    yield { close, start: at, end };
    at = end - 1;
  }
}

/**
 * Formats values of variables for SQLite. As in Grafana's plugin, a value is written without quotes. In a literal, a
 * name or a comment of the statement, a value cannot end this part.
 */
export const sqliteFormat: PlacedFormat = {
  in: (text) => {
    const parts = partsOf(text);
    let current = parts.next().value as Part | undefined;
    return (index) => {
      while (current !== undefined && current.end <= index) current = parts.next().value as Part | undefined;
      return formatIn(current !== undefined && index > current.start ? current.close : "");
    };
  },
};

const formatIn =
  (close: string): Formatter =>
  ({ values }) => {
    const written = values.length === 1 ? values[0]! : `{${values.join(",")}}`;
    if (close === "") return written;
    if (close === "\n" || close === "*/") return written.replaceAll(/[\n\r]|\*\//g, " ");
    // A name in brackets has no escape for its end.
    return written.replaceAll(close, close === "]" ? " " : close + close);
  };
