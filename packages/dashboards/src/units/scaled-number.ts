import { fixedText } from "./decimals.ts";
import { type FormattedValue, formatted } from "./formatted-value.ts";

const SI_PREFIXES = ["f", "p", "n", "µ", "m", "", "k", "M", "G", "T", "P", "E", "Z", "Y"];
const SI_BASE = SI_PREFIXES.indexOf("");
const IEC_PREFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];
const SHORT_SUFFIXES = ["", " K", " Mil", " Bil", " Tri", " Quadr", " Quint", " Sext", " Sept"];
const COUNT_SUFFIXES = ["", "K", "M", "B", "T"];
const PSI_SUFFIXES = ["psi", "ksi", "Mpsi"];

type NumberText = (value: number, decimals?: number | null) => FormattedValue;

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));

/**
 * Returns a function that divides a number by a power of `factor` and adds the suffix of this power. `base` is the
 * index of the suffix for values from 1 up to the factor.
 */
function scaled(factor: number, suffixes: readonly string[], base = 0): NumberText {
  return (value, decimals) => {
    if (!Number.isFinite(value)) return formatted(fixedText(value));
    const power = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)) / Math.log10(factor));
    const suffix = suffixes[clamp(base + power, 0, suffixes.length - 1)]!;
    // Numbers that are too large for the last suffix, or too small for the first, are not scaled further.
    const shown = value / factor ** clamp(power, -base, suffixes.length - base - 1);
    return formatted(fixedText(shown, decimals), suffix);
  };
}

/**
 * Returns a function that formats numbers with SI prefixes.
 * @param offset number of prefixes by which the values are already scaled: 1 if they are in kilo
 */
export const siNumber = (symbol: string, offset = 0): NumberText =>
  scaled(
    1000,
    SI_PREFIXES.map((prefix) => ` ${prefix}${symbol}`),
    SI_BASE + offset,
  );

/**
 * Returns a function that formats numbers with IEC prefixes (powers of 1024).
 * @param offset number of prefixes by which the values are already scaled, as in siNumber
 */
export const iecNumber = (symbol: string, offset = 0): NumberText =>
  scaled(
    1024,
    IEC_PREFIXES.map((prefix) => ` ${prefix}${symbol}`),
    offset,
  );

/**
 * Returns the power of a thousand of an SI prefix: 1 for k, -1 for m; 0 for an unknown prefix. Both Unicode characters
 * for micro are accepted.
 */
export function siOffset(prefix: string): number {
  const index = SI_PREFIXES.indexOf(prefix === "μ" ? "µ" : prefix);
  return prefix === "" || index < 0 ? 0 : index - SI_BASE;
}

export const shortNumber: NumberText = scaled(1000, SHORT_SUFFIXES);
export const psiNumber: NumberText = scaled(1000, PSI_SUFFIXES);
const countNumber = scaled(1000, COUNT_SUFFIXES);

/** Returns a function that formats numbers with a short suffix and a symbol, such as `12.3K req/s`. */
export const countOf =
  (symbol: string): NumberText =>
  (value, decimals) => {
    const { text, suffix } = countNumber(value, decimals);
    return formatted(text, `${suffix} ${symbol}`);
  };

/** Formats as `-$1.50K`, with the minus sign before the symbol. */
export const currencyOf =
  (symbol: string, isAfter: boolean): NumberText =>
  (value, decimals) => {
    const { text, suffix } = countNumber(Math.abs(value), decimals);
    const sign = value < 0 ? "-" : "";
    return isAfter ? formatted(text, suffix + symbol, sign) : formatted(text, suffix, sign + symbol);
  };
