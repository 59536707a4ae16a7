import { formatFloat } from "@narthex/model";

/** Formats a number as Go's %g, or as %.Ng with a number of significant digits. */
export function formatSignificant(value: number, digits?: number): string {
  if (digits === undefined || !Number.isFinite(value) || value === 0) return formatFloat(value);
  const exponent = Number(value.toExponential(digits - 1).split("e")[1]);
  if (exponent >= -4 && exponent < digits) return String(Number(value.toPrecision(digits)));
  const [mantissa, power] = value.toExponential(digits - 1).split("e") as [string, string];
  const trimmed = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${trimmed}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}
