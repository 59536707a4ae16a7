/**
 * Reports whether each `)` closes a group of the regular expression itself. Only then can the expression be put into a
 * group: `a)|(b` is invalid alone, but `(a)|(b)` is valid.
 */
export function closesOwnGroups(source: string): boolean {
  let depth = 0;
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!;
    if (char === "\\") {
      // Returns false for an expression with \Q, because brackets after \Q are literal characters and cannot be
      // counted.
      if (source[++i] === "Q") return false;
    } else if (char === "[") {
      i = classEnd(source, i);
      if (i < 0) return false;
    } else if (char === "(") depth++;
    else if (char === ")" && --depth < 0) return false;
  }
  return true;
}

/**
 * Returns the index of the bracket that ends a character class (`[…]`), or -1 if it is not closed or contains other
 * classes.
 */
function classEnd(source: string, start: number): number {
  let i = start + (source[start + 1] === "^" ? 2 : 1);
  if (source[i] === "]") i++;
  for (; i < source.length; i++) {
    const char = source[i]!;
    if (char === "]") return i;
    if (char === "[") return -1;
    if (char === "\\") i++;
  }
  return -1;
}
