/** For each element of a Go time layout: the pattern of its text, its largest value, and its name in errors. */
const PIECES: Readonly<Record<string, readonly [RegExp, number, string]>> = {
  "2006": [/^\d{4}/, Infinity, ""],
  "01": [/^\d{2}/, 12, "month"],
  "02": [/^\d{2}/, 31, "day"],
  "15": [/^\d{1,2}/, 23, "hour"],
  "04": [/^\d{2}/, 59, "minute"],
  "05": [/^\d{2}(?:[.,]\d+)?/, 59.999_999_999, "second"],
  "Z07:00": [/^(?:Z|[+-]\d{2}:\d{2})/, Infinity, ""],
};

/**
 * Returns the reason why a text does not match a Go time layout, in the words of Go's time package. The layout consists
 * of elements of PIECES and separators.
 */
export function layoutProblem(layout: string, text: string): string {
  const shown = timeQuote(text);
  let rest = text;
  for (const piece of layout.match(/2006|0[1245]|15|Z07:00|./gu) ?? []) {
    const [pattern, most, unit] = PIECES[piece] ?? [undefined, Infinity, ""];
    const found = pattern === undefined ? (rest.startsWith(piece) ? piece : undefined) : pattern.exec(rest)?.[0];
    if (found === undefined) {
      return `parsing time ${shown} as ${timeQuote(layout)}: cannot parse ${timeQuote(rest)} as ${timeQuote(piece)}`;
    }
    // Checks the day last, because its largest value depends on the month.
    const value = Number(found.replace(",", "."));
    if (piece !== "02" && (value > most || (piece === "01" && value < 1))) {
      return `parsing time ${shown}: ${unit} out of range`;
    }
    const [hours, minutes] = /^[+-]\d{2}:\d{2}$/.test(found) ? found.slice(1).split(":").map(Number) : [];
    if (minutes! > 60) return `parsing time ${shown}: time zone offset minute out of range`;
    if (hours! > 24) return `parsing time ${shown}: time zone offset hour out of range`;
    rest = rest.slice(found.length);
  }
  return rest === ""
    ? `parsing time ${shown}: day out of range`
    : `parsing time ${shown}: extra text: ${timeQuote(rest)}`;
}

/** Returns a text in quotes. As in Go's time package, bytes that are not ASCII are in hexadecimal. */
const timeQuote = (text: string): string =>
  `"${text.replace(/["\\]/g, "\\$&").replace(/[^\u0020-\u007f]/gu, hexadecimal)}"`;

const hexadecimal = (char: string): string =>
  [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
