/** A way to fix an error of an expression. */
export interface ErrorHint {
  readonly text: string;
  /** The fixed expression. */
  readonly expr: string;
}

/** Error of a label value without quotes: the position of the value, and the value. */
const UNQUOTED = /(\d{1,9}):(\d{1,9}): parse error: unexpected \w+ "([^"]{1,200})" in label matching, expected string/;

/** Returns the hint for an error message of Prometheus' parser. */
export function errorHint(expr: string, message: string): ErrorHint | undefined {
  const found = UNQUOTED.exec(message);
  if (found === null) return undefined;
  const [, line, column, value = ""] = found;
  const lines = expr.split("\n");
  const text = lines[Number(line) - 1] ?? "";
  const at = offsetOf(text, Number(column) - 1);
  if (!text.startsWith(value, at)) return undefined;
  const quoted = JSON.stringify(value);
  const fixed = `${text.slice(0, at)}${quoted}${text.slice(at + value.length)}`;
  return {
    text: `The value of a label needs quotes: ${quoted}.`,
    expr: lines.with(Number(line) - 1, fixed).join("\n"),
  };
}

/** Converts a position in UTF-8 bytes to a position in a string. */
function offsetOf(text: string, bytes: number): number {
  const encoded = new TextEncoder().encode(text);
  return new TextDecoder().decode(encoded.subarray(0, bytes)).length;
}
