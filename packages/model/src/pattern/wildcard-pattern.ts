import { META } from "./literal-pattern.ts";

/** Maximum length of a literal between two wildcards, which limits the time to test a text. */
const MAX_INNER = 64;

/**
 * One alternative of a simple regular expression: literals with wildcards between them. `gaps` has the minimum length
 * of each wildcard in UTF-16 units.
 */
interface Alternative {
  readonly literals: readonly string[];
  readonly gaps: readonly number[];
}

/**
 * Returns a function that tests whether a whole text matches a simple regular expression: literals with `.*` and `.+`
 * between them, or alternatives of such expressions (`api-.*|web-.+`). `.` matches any character. Returns undefined if
 * the regular-expression engine is needed.
 */
export function wildcardTest(source: string): ((text: string) => boolean) | undefined {
  const alternatives = alternativesOf(source);
  if (alternatives === undefined) return undefined;
  if (alternatives.length === 1) return (text) => accepts(alternatives[0]!, text);
  return (text) => alternatives.some((alternative) => accepts(alternative, text));
}

function alternativesOf(source: string): Alternative[] | undefined {
  const alternatives: Alternative[] = [];
  let literals: string[] = [];
  let gaps: number[] = [];
  let current = "";
  const end = (): boolean => {
    literals.push(current);
    alternatives.push({ literals, gaps });
    return literals.slice(1, -1).every((literal) => literal.length <= MAX_INNER);
  };
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!;
    const next = source[i + 1];
    if (char === "|") {
      if (!end()) return undefined;
      literals = [];
      gaps = [];
      current = "";
    } else if (char === "." && (next === "*" || next === "+") && !/[*+?{]/.test(source[i + 2] ?? "")) {
      const least = next === "+" ? 1 : 0;
      if (current === "" && gaps.length > 0) {
        // Refuses a wildcard with a minimum of several characters. Lengths are in UTF-16 units, and a character has one
        // or two units, so such a minimum cannot be checked.
        if (least + gaps.at(-1)! > 1) return undefined;
        gaps[gaps.length - 1]! += least;
      } else {
        literals.push(current);
        gaps.push(least);
      }
      current = "";
      i++;
    } else if (char === "\\" && next !== undefined && META.test(next)) {
      current += next;
      i++;
    } else if (META.test(char)) return undefined;
    else current += char;
  }
  return end() ? alternatives : undefined;
}

/**
 * Reports whether a text matches one alternative. Uses the leftmost match of each inner literal, because it leaves the
 * most text for the following literals.
 */
function accepts({ literals, gaps }: Alternative, text: string): boolean {
  const first = literals[0]!;
  const inner = gaps.length;
  if (inner === 0) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (let i = 1; i < inner; i++) {
    const found = text.indexOf(literals[i]!, at + gaps[i - 1]!);
    if (found < 0) return false;
    at = found + literals[i]!.length;
  }
  const last = literals[inner]!;
  return text.length - last.length >= at + gaps[inner - 1]! && text.endsWith(last);
}
