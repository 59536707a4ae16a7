/**
 * True where no `)` closes a group that the expression did not open. `a)|(b` cannot be read alone, but has another meaning
 * within a group around it.
 */
export function closesOwnGroups(source: string): boolean {
  let depth = 0;
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!;
    if (char === "\\") {
      // Behind \Q nothing has a meaning.
      if (source[++i] === "Q") return false;
    } else if (char === "[") {
      i = classEnd(source, i);
      if (i < 0) return false;
    } else if (char === "(") depth++;
    else if (char === ")" && --depth < 0) return false;
  }
  return true;
}

/** Index of the bracket that ends the class, or -1 if there is none, or one that has classes within. */
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
