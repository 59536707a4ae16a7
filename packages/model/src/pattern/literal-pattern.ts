/** Matches a character with a special meaning in regular expressions. */
export const META = /[\\.+*?()|[\]{}^$]/;
const MAX_ALTERNATIVES = 2 ** 16;

/** Escapes a text so that it matches itself as a regular expression, as Go's regexp.QuoteMeta does. */
export const literalPattern = (text: string): string => text.replaceAll(/[\\.+*?()|[\]{}^$]/g, String.raw`\$&`);

/**
 * Returns the strings that a regular expression accepts if it is a literal or an alternation of literals, perhaps
 * inside one (?:…) or (…). Returns undefined if a regular-expression engine is needed.
 */
export function literalAlternatives(source: string): readonly string[] | undefined {
  const inner = unwrap(source);
  const alternatives: string[] = [];
  let current = "";
  for (let i = 0; i < inner.length; i++) {
    const char = inner[i]!;
    if (char === "|") {
      alternatives.push(current);
      current = "";
      if (alternatives.length > MAX_ALTERNATIVES) return undefined;
    } else if (char === "\\") {
      const next = inner[i + 1];
      if (next === undefined || !META.test(next)) return undefined;
      current += next;
      i++;
    } else if (META.test(char)) return undefined;
    else current += char;
  }
  alternatives.push(current);
  return alternatives;
}

/** Matches a literal character or an escaped punctuation character of a regular expression. */
const LITERAL = /^(?:\\([\\.+*?()|[\]{}^$])|([^\\.+*?()|[\]{}^$]))/u;
const QUANTIFIER = /^[*?+{]/;

/**
 * Returns the literal text with which every text that the regular expression accepts begins. Returns "" if the
 * expression has alternatives.
 */
export function literalPrefix(source: string): string {
  if (source.includes("|")) return "";
  let prefix = "";
  for (let rest = source; ;) {
    const match = LITERAL.exec(rest);
    if (match === null) return prefix;
    rest = rest.slice(match[0].length);
    if (QUANTIFIER.test(rest)) return prefix;
    prefix += match[1] ?? match[2]!;
  }
}

function unwrap(source: string): string {
  const open = source.startsWith("(?:") ? 3 : source.startsWith("(") ? 1 : 0;
  if (open === 0 || !source.endsWith(")") || source.endsWith("\\)")) return source;
  const inner = source.slice(open, -1);
  return inner.startsWith("?") ? source : inner;
}
