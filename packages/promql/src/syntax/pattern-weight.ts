/** Approximate number of instructions that a class of Unicode characters is compiled to. */
const UNICODE_CLASS = 20;
/** Largest number of repetitions, including nested ones. The engine rejects more before it compiles any. */
const MAX_TIMES = 1000;
/** Length from which an expression is weighed completely, even if the engine seems to reject it. */
const MAX_REFUSED = 64;
/** Upper limit of a weight. */
const MAX_WEIGHT = 2 ** 40;

/**
 * Returns the cost of compiling an expression, as a number of characters without repetitions: `(abc){10}` is expanded
 * ten times before it is compiled. The weight is at least the length. The expression need not be valid. If a short
 * expression has too many repetitions, its weight is its length, so that its author gets the engine's message.
 */
export function patternWeight(source: string): number {
  let extra = 0;
  let group = 0;
  /** Weights of the groups around the current one. */
  const outer: number[] = [];
  let item = 0;
  /** Number of expansions of the last item, and the largest number of expansions of an item in the group so far. */
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
 * Returns the number of characters from `\\Q` to the end of `\\E`, which are all literal; to the end of the text if
 * `\\E` is missing.
 */
function quotedLength(source: string, start: number): number {
  const end = source.indexOf("\\E", start + 2);
  return (end === -1 ? source.length : end + 2) - start;
}

const NAMED_CLASS = /\[:\^?\w*:\]/y;

/**
 * Returns the number of characters of the class that begins here, including named classes in it; to the end of the text
 * if the class does not end.
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

/** Returns the number of characters of the escape that begins here, including a class or a code point in braces. */
function escapeLength(source: string, start: number): number {
  return /^\\(?:[pPx]\{[^}]*\}|[pP].|.)/su.exec(source.slice(start, start + 64))?.[0].length ?? 1;
}
