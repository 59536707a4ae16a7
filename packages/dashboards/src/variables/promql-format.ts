import type { Formatter, PlacedFormat } from "./variable-format.ts";

type Quote = '"' | "'" | "`";

/**
 * Matches a PromQL string from its first quote on; the closing quote may be missing. Also matches comments, because
 * quotes in them do not start a string.
 */
const STRING = /(["'])(?:\\[^]|(?!\1)[^\\\n])*\1?|`[^`]*`?|#[^\n]*/g;

/**
 * Formats values of variables for PromQL. Within a string, the values are escaped for its quotes, and the values of a
 * variable that allows several become a regular expression. Outside of strings, values are parts of the query and are
 * not escaped.
 */
export const promqlFormat: PlacedFormat = {
  in: (text) => {
    const quoteAt = quotesOf(text);
    return (index) => formatIn(quoteAt(index));
  },
};

/**
 * Returns a function that takes a position in the text. If the position is inside a string, the function returns the
 * quotation mark of the string, otherwise undefined. Calls must be made with ascending positions.
 */
function quotesOf(text: string): (index: number) => Quote | undefined {
  const strings = text.matchAll(STRING);
  let current = strings.next().value;
  return (index) => {
    while (current !== undefined && current.index + current[0].length <= index) current = strings.next().value;
    if (current === undefined || index < current.index) return undefined;
    const [first] = current[0];
    return first === "#" ? undefined : (first as Quote);
  };
}

const formatIn =
  (quote: Quote | undefined): Formatter =>
  ({ values, isMulti }) => {
    const isRegex = isMulti && quote !== undefined;
    const written = values.map((value) => escaped(isRegex ? escapeRegex(value) : value, quote));
    if (!isMulti) return written.join(",");
    return written.length === 1 ? written[0]! : `(${written.join("|")})`;
  };

const escapeRegex = (value: string): string => value.replaceAll(/[\\$^*{}[\]'+?.()|]/g, String.raw`\$&`);

/** Escapes a value for a PromQL string in the given quotes. Strings in backquotes have no escapes. */
function escaped(value: string, quote: Quote | undefined): string {
  if (quote === undefined || quote === "`") return value;
  return value.replaceAll(quote === '"' ? /["\\]/g : /['\\]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`);
}

/** Escapes values for a PromQL string in double quotes. */
export const promqlStringFormat: Formatter = formatIn('"');
