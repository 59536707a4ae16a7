import type { Formatter, PlacedFormat } from "./variable-format.ts";

/**
 * Matches a string from its first quote on; the closing quote may be missing. Also matches comments, because quotes in
 * them do not start a string. TraceQL has no strings in single quotes, but the selectors of a service map have.
 */
const PART = /"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|`[^`]*`?|\/\/[^\n]*/g;

type Kind = '"' | "'" | "`" | "/";

/**
 * Formats values of variables for TraceQL. In a string, a value is escaped for its quotes, and the values of a variable
 * that allows several become a regular expression. A string in backquotes has no escapes, so that backquotes are
 * removed from values. In a comment, a value cannot begin a new line. Elsewhere, values are parts of the query.
 */
export const traceqlFormat: PlacedFormat = {
  in: (text) => {
    const kindAt = kindsOf(text);
    return (index) => formatIn(kindAt(index));
  },
};

/** Returns a function that returns the kind of the part at a position. Calls must be made with ascending positions. */
function kindsOf(text: string): (index: number) => Kind | undefined {
  const parts = text.matchAll(PART);
  let current = parts.next().value;
  return (index) => {
    while (current !== undefined && current.index + current[0].length <= index) current = parts.next().value;
    return current === undefined || index < current.index ? undefined : (current[0][0] as Kind);
  };
}

const formatIn =
  (kind: Kind | undefined): Formatter =>
  ({ values, isMulti }) => {
    if (kind === "/") return values.join("|").replaceAll(/[\n\r]/g, " ");
    const isRegex = isMulti && kind !== undefined;
    const written = values.map((value) => inQuotes(isRegex ? escapeRegex(value) : value, kind));
    if (written.length === 1) return written[0]!;
    return kind === undefined ? written.join("|") : `(${written.join("|")})`;
  };

const escapeRegex = (value: string): string => value.replaceAll(/[\\$^*{}[\]'+?.()|]/g, String.raw`\$&`);

function inQuotes(value: string, kind: Kind | undefined): string {
  if (kind === undefined) return value;
  if (kind === "`") return value.replaceAll("`", "");
  return value
    .replaceAll(kind === '"' ? /["\\]/g : /['\\]/g, String.raw`\$&`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`);
}
