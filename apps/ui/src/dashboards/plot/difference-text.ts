import { type FieldConfig, formatValue, isDateUnit, joinFormatted, relativeDifference } from "@narthex/dashboards";

const percent = new Intl.NumberFormat("en", {
  style: "percent",
  maximumSignificantDigits: 3,
  signDisplay: "exceptZero",
});

/** Formats a fraction as a signed percentage: `+12.5%`. */
export const shareText = (share: number): string => percent.format(share);

/**
 * Formats the difference of two values: `+5 req/s, +33.3%`. The difference of two percentages is in points: `-0.2 points,
 * -6.8%`.
 */
export function differenceText(now: number, before: number, { unit, decimals }: FieldConfig): string {
  const difference = now - before;
  const share = relativeDifference(now, before);
  const parts = share === undefined ? [] : [shareText(share)];
  // Dates have only a relative difference, because an absolute difference is not a date.
  if (!Number.isNaN(difference) && !isDateUnit(unit ?? "")) {
    const sign = difference > 0 ? "+" : difference < 0 ? "-" : "±";
    const size = formatValue(unit, Math.abs(difference), decimals);
    parts.unshift(sign + joinFormatted(size.suffix === "%" ? { ...size, suffix: " points" } : size));
  }
  return parts.join(", ");
}

/** Returns a value's text with its difference in brackets. */
export const withDifference = (text: string, now: number, before: number, config: FieldConfig): string =>
  `${text} (${differenceText(now, before, config)})`;
