const WHOLE = /^\d{1,20}$/;

/** Returns the text of a number of nanoseconds, which JSON contains as a text or as a number. Empty for other values. */
function digitsOf(value: unknown): string {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return BigInt(Math.trunc(value)).toString();
  return typeof value === "string" && WHOLE.test(value) ? value : "";
}

/** Converts nanoseconds to ms with fractions. Returns 0 for values that are not a number. */
export function millisecondsOf(value: unknown): number {
  const digits = digitsOf(value);
  return Number(digits.slice(0, -6)) + Number(digits.slice(-6)) / 1e6;
}

/** Returns the time between two numbers of nanoseconds in ms. Returns 0 if the end is before the start. */
export function millisecondsBetween(start: unknown, end: unknown): number {
  const nanoseconds = BigInt(digitsOf(end)) - BigInt(digitsOf(start));
  return nanoseconds > 0n ? Number(nanoseconds) / 1e6 : 0;
}
