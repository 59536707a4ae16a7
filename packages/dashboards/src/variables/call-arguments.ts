/** Marks of texts and names in SQL, within which parentheses and commas have no meaning. */
const QUOTES = "'\"`";

/** Returns the index after a quoted text. A backslash escapes the next character. */
function quoteEnd(text: string, start: number): number {
  const mark = text[start]!;
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === mark) return at + 1;
  }
  return text.length;
}

/** Returns the index of the parenthesis that closes the one at an index, or -1. Quoted parentheses do not count. */
export function closingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length;) {
    const character = text[at]!;
    if (QUOTES.includes(character)) {
      at = quoteEnd(text, at);
      continue;
    }
    if (character === "(") depth++;
    else if (character === ")" && --depth === 0) return at;
    at++;
  }
  return -1;
}

/** Splits the arguments of a call at commas. Commas within parentheses, brackets and quotes do not count. */
export function splitArguments(inside: string): readonly string[] {
  const parts: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < inside.length;) {
    const character = inside[at]!;
    if (QUOTES.includes(character)) {
      at = quoteEnd(inside, at);
      continue;
    }
    if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    else if (character === "," && depth === 0) {
      parts.push(inside.slice(start, at));
      start = at + 1;
    }
    at++;
  }
  parts.push(inside.slice(start));
  return parts;
}
