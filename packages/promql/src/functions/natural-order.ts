import { compareBytewise } from "@narthex/model";

const RUNS = /\d+|\D+/g;
const DIGITS = /^\d/;

/**
 * Returns whether `a` sorts before `b` in natural order: digits are compared as numbers (`a2` before `a10`), and a
 * prefix comes first. Leading zeros count only between otherwise equal texts.
 */
export function isNaturallyLess(a: string, b: string): boolean {
  const left = a.match(RUNS) ?? [];
  const right = b.match(RUNS) ?? [];
  for (let i = 0; i < left.length; i++) {
    const ours = left[i]!;
    const theirs = right[i];
    if (theirs === undefined) return false;
    if (DIGITS.test(ours) && DIGITS.test(theirs)) {
      const order = compareNumerals(ours, theirs);
      if (order !== 0) return order < 0;
    } else if (ours !== theirs) return compareBytewise(ours, theirs) < 0;
  }
  return left.length < right.length || compareBytewise(a, b) < 0;
}

/** Compares digit strings of any length by their numeric value. */
function compareNumerals(a: string, b: string): number {
  const left = a.replace(/^0+(?=\d)/, "");
  const right = b.replace(/^0+(?=\d)/, "");
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
}
