/** Significant digits of a shortened number. */
const DIGITS = 6;

/**
 * Formats a number for reading: whole numbers completely, other numbers with about 6 significant digits. Digits before
 * the point are in groups of three.
 */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || (size !== 0 && (size < 1e-6 || size >= 1e15))) {
    return Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : String(value);
  }
  const whole = size < 1 ? 0 : Math.floor(Math.log10(size)) + 1;
  return value.toLocaleString("en-US", {
    maximumSignificantDigits: Number.isInteger(value) ? 16 : Math.max(DIGITS, whole),
  });
}

/** Shortens a number in a text of the API, such as `9.123456789e-01`, as shortNumber() does. Other texts do not change. */
export function shortNumberText(text: string): string {
  const value = Number(text);
  return text === "" || !Number.isFinite(value) ? text : shortNumber(value);
}
