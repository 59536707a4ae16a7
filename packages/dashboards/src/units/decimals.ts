/** Maximum number of decimals. A double has fewer significant digits, so more decimals would be meaningless. */
const MAX_DECIMALS = 20;

/**
 * Returns the number of decimals that a dashboard sets, as a whole number from 0 to 20. Undefined if the setting is not
 * a finite number.
 */
export const wantedDecimals = (decimals: number | null | undefined): number | undefined =>
  typeof decimals === "number" && Number.isFinite(decimals)
    ? Math.min(MAX_DECIMALS, Math.max(0, Math.trunc(decimals)))
    : undefined;

/** Returns the number of decimals with which a value shows two or three leading digits; 0 for whole numbers. */
export function autoDecimals(value: number): number {
  if (value % 1 === 0) return 0;
  const size = Math.abs(value);
  const decimals = 1 - Math.floor(Math.log(size) / Math.LN10);
  return Math.max(0, size / 10 ** -decimals > 2.25 ? decimals + 1 : decimals);
}

/**
 * Formats a number, rounded half up. If no number of decimals is requested, a suitable number is chosen by the value.
 */
export function fixedText(value: number, requestedDecimals?: number | null): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  const decimals = wantedDecimals(requestedDecimals) ?? autoDecimals(value);
  if (value === 0) return value.toFixed(decimals);
  const factor = 10 ** decimals;
  // For extremely small numbers, the factor overflows to Infinity. `String()` then returns a short text.
  if (factor === Infinity) return String(value);
  const text = String(Math.round(value * factor) / factor);
  if (text.includes("e")) return text;
  const point = text.indexOf(".");
  const shown = point === -1 ? 0 : text.length - point - 1;
  if (shown >= decimals) return text;
  return `${text}${shown === 0 ? "." : ""}${"0".repeat(decimals - shown)}`;
}
