/** Instructions that a class of Unicode characters is compiled to, about. */
const UNICODE_CLASS = 20;
/** More repetitions, one within the other included, are refused by the engine before it compiles any. */
const MAX_TIMES = 1000;
/** A longer expression is weighed in full, even if the engine seems to refuse it. */
const MAX_REFUSED = 64;
/** No weight grows further. */
const MAX_WEIGHT = 2 ** 40;

/**
 * What an expression costs to compile, in characters of one without repetitions: `(abc){10}` is written out ten times
 * before it is compiled. Never less than its length. The expression need not be valid. A short one that the engine
 * refuses for its repetitions weighs its length, so that its author reads the engine's message.
 */
export function patternWeight(source: string): number {
  let extra = 0;
  let group = 0;
  /** Weights of the groups around. */
  const outer: number[] = [];
  let item = 0;
  /** How often the last item, and what stands deepest in the group so far, are written out. */
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

/** Characters from `\\Q` to the end of `\\E`, between which nothing has a meaning; to the end of the text if it is missing. */
function quotedLength(source: string, start: number): number {
  const end = source.indexOf("\\E", start + 2);
  return (end === -1 ? source.length : end + 2) - start;
}

const NAMED_CLASS = /\[:\^?\w*:\]/y;

/** Characters of the class that begins here, named ones within included; to the end of the text if it does not end. */
function classLength(source: string, start: number): number {
  let i = start + (source[start + 1] === "^" ? 2 : 1);
  if (source[i] === "]") i++;
  while (i < source.length && source[i] !== "]") {
    NAMED_CLASS.lastIndex = i;
    i += source[i] === "\\" ? 2 : (NAMED_CLASS.exec(source)?.[0].length ?? 1);
  }
  return Math.min(i + 1, source.length) - start;
}

/** Characters of an escape that begins here, one that names a class or a code point in braces included. */
function escapeLength(source: string, start: number): number {
  return /^\\(?:[pPx]\{[^}]*\}|[pP].|.)/su.exec(source.slice(start, start + 64))?.[0].length ?? 1;
}
