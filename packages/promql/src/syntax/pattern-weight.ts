/** Approximate number of compiled instructions for a class of Unicode characters. */
const UNICODE_CLASS = 20;
/**
 * Largest product of nested repetition counts in a regular expression. The engine rejects an expression with a larger
 * product without compiling it.
 */
const MAX_TIMES = 1000;
/**
 * Length of a regular expression up to which only the length counts if the engine will probably reject the expression.
 * For a longer one, the complete cost is computed.
 */
const MAX_REFUSED = 64;
/** Upper limit of the computed cost of a regular expression. */
const MAX_WEIGHT = 2 ** 40;

/**
 * Returns the cost of compiling a regular expression, as the number of characters with all repetitions written out:
 * `(abc){10}` costs about ten times the cost of `(abc)`. The cost is at least the length. The expression need not be
 * valid. If a short expression has too many repetitions, returns its length, so that the user gets the engine's error.
 */
export function patternWeight(source: string): number {
  let extra = 0;
  let group = 0;
  /** Costs of the groups that enclose the current group. */
  const outer: number[] = [];
  let item = 0;
  /** Number of repetitions of the last item in the group. `groupTimes` is the largest of these numbers so far. */
  let itemTimes = 1;
  let groupTimes = 1;
  const outerTimes: number[] = [];
  for (let i = 0; i < source.length; i++) {
    const c = source[i]!;
    if (c === "(") {
      outer.push(group);
      outerTimes.push(groupTimes);
      group = 0;
      groupTimes = 1;
      continue;
    }
    if (c === ")") {
      item = group + 2;
      group = outer.pop() ?? 0;
      itemTimes = groupTimes;
      groupTimes = Math.max(outerTimes.pop() ?? 1, itemTimes);
    } else if (c === "{") {
      const times = Number(/^\{(?:\d+,)?(\d+),?\}/.exec(source.slice(i, i + 16))?.[1] ?? 1);
      itemTimes *= Math.max(1, times);
      if (itemTimes > MAX_TIMES && source.length <= MAX_REFUSED) return source.length;
      groupTimes = Math.max(groupTimes, itemTimes);
      const more = Math.min(MAX_WEIGHT, item * Math.max(0, times - 1));
      extra += more;
      item += more;
      group += more;
      continue;
    } else if (c === "\\" && source[i + 1] === "Q") {
      const length = quotedLength(source, i);
      item = 1;
      itemTimes = 1;
      group += length;
      i += length - 1;
      continue;
    } else {
      const length = c === "[" ? classLength(source, i) : c === "\\" ? escapeLength(source, i) : 1;
      item = c === "\\" && /[pP]/.test(source[i + 1] ?? "") ? UNICODE_CLASS : length;
      extra += Math.max(0, item - length);
      itemTimes = 1;
      i += length - 1;
    }
    group += item;
  }
  return source.length + extra;
}

/**
 * Returns the length of a literal part from `\\Q` to the end of `\\E`, or to the end of the text if `\\E` is missing.
 */
function quotedLength(source: string, start: number): number {
  const end = source.indexOf("\\E", start + 2);
  return (end === -1 ? source.length : end + 2) - start;
}

const NAMED_CLASS = /\[:\^?\w*:\]/y;

/**
 * Returns the length of the character class (`[…]`) at a position, including nested classes. A class that is not closed
 * extends to the end of the text.
 */
function classLength(source: string, start: number): number {
  let i = start + (source[start + 1] === "^" ? 2 : 1);
  if (source[i] === "]") i++;
  while (i < source.length && source[i] !== "]") {
    NAMED_CLASS.lastIndex = i;
    i += source[i] === "\\" ? 2 : (NAMED_CLASS.exec(source)?.[0].length ?? 1);
  }
  return Math.min(i + 1, source.length) - start;
}

/** Returns the length of the escape at a position, such as `\d` or `\p{Greek}`. */
function escapeLength(source: string, start: number): number {
  return /^\\(?:[pPx]\{[^}]*\}|[pP].|.)/su.exec(source.slice(start, start + 64))?.[0].length ?? 1;
}
