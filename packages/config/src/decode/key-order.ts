const LETTER = /^\p{L}$/u;
const DIGITS = /^\p{Nd}+/u;

/**
 * Compares keys of a mapping in the order of Go's yaml.v2: numbers within keys by their value, letters after all other
 * characters, everything else by code point.
 */
export function compareYamlKeys(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const shorter = Math.min(left.length, right.length);
  let at = 0;
  while (at < shorter && left[at] === right[at]) at++;
  if (at === shorter) return left.length - right.length;
  const [x, y] = [left[at]!, right[at]!];
  const letters = Number(LETTER.test(x)) - Number(LETTER.test(y));
  if (letters !== 0) return letters;
  const numbers = LETTER.test(x) ? 0 : compareNumbers(left, right, at);
  return numbers === 0 ? x.codePointAt(0)! - y.codePointAt(0)! : numbers;
}

/**
 * Compares two keys whose first difference is within a number, by the values of the numbers. If either key has a zero
 * at the first difference, the comparison includes the common digits before it.
 */
function compareNumbers(left: readonly string[], right: readonly string[], at: number): number {
  const lead = (left[at] === "0" || right[at] === "0") && endsInNumber(left, at) ? "1" : "";
  const [m, n] = [left, right].map((points) => DIGITS.exec(points.slice(at).join(""))?.[0] ?? "") as [string, string];
  const difference = BigInt(lead + m || "0") - BigInt(lead + n || "0");
  return difference === 0n ? m.length - n.length : difference < 0n ? -1 : 1;
}

function endsInNumber(points: readonly string[], end: number): boolean {
  for (let at = end - 1; at >= 0 && /^\d$/.test(points[at]!); at--) if (points[at] !== "0") return true;
  return false;
}
