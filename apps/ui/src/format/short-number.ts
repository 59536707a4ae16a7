/** Number of digits of a shortened number. More digits are noise on a page. */
const DIGITS = 6;

/** Shortens a number in a text of the API, such as `9.123456789e-01`, to six digits. Other texts do not change. */
export function shortNumber(text: string): string {
  const value = Number(text);
  return text === "" || !Number.isFinite(value) ? text : String(Number(value.toPrecision(DIGITS)));
}
