import { trimTrailing } from "@narthex/model";

/** Decimal digits of a finite number ≥ 0, with the exponent of the first digit. */
interface Digits {
  readonly digits: string;
  readonly exponent: number;
}

/**
 * Formats a number like Go's FormatFloat in the formats e, f and g. Precision -1 means the fewest digits that are read
 * back as the same number.
 */
export function formatGoFloat(value: number, format: "e" | "f" | "g", precision: number): string {
  if (Number.isNaN(value)) return "NaN";
  const negative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  if (size === Infinity) return negative ? "-Inf" : "+Inf";
  return (negative ? "-" : "") + finite(size, format, precision);
}

function finite(size: number, format: "e" | "f" | "g", precision: number): string {
  if (format === "f") return precision < 0 ? plain(shortest(size)) : fixed(size, precision);
  if (format === "e") return exponential(precision < 0 ? shortest(size) : rounded(size, precision + 1));
  if (precision < 0) {
    const found = shortest(size);
    return found.exponent < -4 || found.exponent >= 6 ? exponential(found) : plain(found);
  }
  const count = Math.max(precision, 1);
  const { digits: all, exponent } = rounded(size, count);
  const digits = trimTrailing(all, "0") || "0";
  const limit = count > digits.length && digits.length > exponent ? digits.length : count;
  return exponent < -4 || exponent >= limit ? exponential({ digits, exponent }) : plain({ digits, exponent });
}

function shortest(size: number): Digits {
  const [mantissa, exponent] = size.toExponential().split("e") as [string, string];
  return { digits: mantissa.replace(".", ""), exponent: Number(exponent) };
}

/**
 * Rounds a number to exactly `count` digits. As in Go, a tie is rounded to the even digit; JavaScript rounds ties up.
 */
function rounded(size: number, count: number): Digits {
  if (size === 0) return { digits: "0".repeat(count), exponent: 0 };
  const { exponent } = shortest(size);
  const digits = String(scaled(size, count - 1 - exponent));
  if (digits.length > count) return { digits: digits.slice(0, count), exponent: exponent + 1 };
  // If the shortest decimal text of the number was rounded up to a power of ten, the exponent of this text is one too
  // large.
  return digits.length < count ? { digits: `${digits}0`, exponent: exponent - 1 } : { digits, exponent };
}

/** Returns size × 10^decimals rounded to an integer. A tie is rounded to the even integer. */
function scaled(size: number, decimals: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const power = Number(bits >> 52n) || 1;
  let numerator = (bits & 0xf_ffff_ffff_ffffn) + (bits >> 52n === 0n ? 0n : 1n << 52n);
  let denominator = 1n;
  if (power >= 1075) numerator <<= BigInt(power - 1075);
  else denominator <<= BigInt(1075 - power);
  if (decimals >= 0) numerator *= 10n ** BigInt(decimals);
  else denominator *= 10n ** BigInt(-decimals);
  const whole = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  return twice > denominator || (twice === denominator && whole % 2n === 1n) ? whole + 1n : whole;
}

function exponential({ digits, exponent }: Digits): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function plain({ digits, exponent }: Digits): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  if (exponent + 1 >= digits.length) return digits.padEnd(exponent + 1, "0");
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

function fixed(size: number, precision: number): string {
  const digits = String(scaled(size, precision)).padStart(precision + 1, "0");
  if (precision === 0) return digits;
  return `${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}
