/**
 * Returns the shortest decimal digits that identify a double, and the position of the decimal point: the value is
 * 0.d1d2d3… × 10^point.
 */
function shortest(value: number): { digits: string; point: number } {
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  return { digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  return undefined;
}

function plain(value: number): string {
  const { digits, point } = shortest(Math.abs(value));
  const sign = value < 0 ? "-" : "";
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + "0".repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

function exponential(value: number): string {
  const { digits, point } = shortest(Math.abs(value));
  const exponent = point - 1;
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  const power = `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return `${value < 0 ? "-" : ""}${digits[0]}${fraction}e${power}`;
}

/** Reports whether JavaScript prints a number without an exponent. In this case its digits are the same as in Go. */
const isPlainInJavaScript = (value: number): boolean => {
  const size = Math.abs(value);
  return size >= 1e-6 && size < 1e21;
};

/**
 * Formats a number like Go's FormatFloat(v, 'f', -1): with the fewest digits that identify the number, and never with
 * an exponent.
 */
export const formatPlain = (value: number): string =>
  isPlainInJavaScript(value) ? String(value) : (special(value) ?? plain(value));

/**
 * Formats a number like Go's FormatFloat(v, 'g', -1) and `%v`. Numbers below 1e-4 and from 1e6 on have an exponent
 * (`1e+06`, but `123456`).
 */
export function formatFloat(value: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(value);
  const exponent = shortest(Math.abs(value)).point - 1;
  return exponent < -4 || exponent >= 6 ? exponential(value) : plain(value);
}

/**
 * Formats a number like Go's FormatFloat(v, 'e', -1): always with an exponent, as in values of the alerts API. Zero is
 * `0e+00`.
 */
export function formatExponent(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0e+00" : "0e+00";
  return special(value) ?? exponential(value);
}

/** Formats the value of a sample for the query API: without an exponent from 1e-6 to 1e21, otherwise with one. */
export function formatSampleValue(value: number): string {
  return isPlainInJavaScript(value) ? String(value) : (special(value) ?? exponential(value));
}

/**
 * Formats a bound for the labels `le` and `quantile` in OpenMetrics: like formatFloat(), with `.0` added to integers.
 */
export function formatOpenMetricsFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const text = formatFloat(value);
  return /[.eIN]/.test(text) ? text : `${text}.0`;
}

// Matches a decimal number. After digits, more digits may only follow a decimal point, because with two adjacent
// sequences of digits the expression would try every way to divide them.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Reports whether a text is a decimal number, even one that is too large for a double. */
export const isDecimal = (text: string): boolean => DECIMAL.test(text);

/**
 * Parses a number like Go's ParseFloat, except for hexadecimal numbers and underscores. Returns undefined for any other
 * text, and for a number that is too large for a double.
 */
export function parseGoFloat(text: string): number | undefined {
  if (isDecimal(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  switch (text.toLowerCase()) {
    case "nan":
      return NaN;
    case "inf":
    case "+inf":
    case "infinity":
    case "+infinity":
      return Infinity;
    case "-inf":
    case "-infinity":
      return -Infinity;
    default:
      return undefined;
  }
}

/** Formats a number like Go's %f, with six decimals. */
export function formatFixed(value: number): string {
  if (!Number.isFinite(value)) return special(value)!;
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  return Object.is(value, -0) ? "-0.000000" : value.toFixed(6);
}
