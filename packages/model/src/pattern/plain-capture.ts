import { literalAlternatives } from "./literal-pattern.ts";
import { wildcardTest } from "./wildcard-pattern.ts";

/**
 * Matches a whole text against a regular expression. Returns the captured groups (index 0 is the text), or undefined if
 * the text does not match.
 */
export type Capture = (text: string) => readonly (string | undefined)[] | undefined;

/**
 * Matches a regular expression with one group of any characters between literal texts: `(.*)`, `Pod;(.+)`, `(.*):9100`.
 */
const ONE_WILDCARD = /^([^()|]*)\((\.[*+])\)([^()|]*)$/;
/** Matches a regular expression that is one group of literal alternatives: `(http|https)`. */
const ONE_GROUP = /^\(([^()?][^()]*)\)$/;

/**
 * Returns a function that matches a simple regular expression by string operations and returns the captured groups.
 * Simple expressions are literals, wildcards without groups, and expressions with one group, as in most relabeling
 * rules. Returns undefined if the regular-expression engine is needed.
 */
export function plainCapture(source: string): Capture | undefined {
  const wildcard = ONE_WILDCARD.exec(source);
  if (wildcard !== null) {
    const [before, after] = [literalOf(wildcard[1]!), literalOf(wildcard[3]!)];
    if (before === undefined || after === undefined) return undefined;
    return between(before, after, wildcard[2] === ".+" ? 1 : 0);
  }
  const group = ONE_GROUP.exec(source);
  if (group !== null) {
    const test = plainTest(group[1]!);
    return test && ((text) => (test(text) ? [text, text] : undefined));
  }
  if (source.includes("(")) return undefined;
  const test = plainTest(source);
  return test && ((text) => (test(text) ? [text] : undefined));
}

function plainTest(source: string): ((text: string) => boolean) | undefined {
  const literals = literalAlternatives(source);
  if (literals === undefined) return wildcardTest(source);
  const set = new Set(literals);
  return (text) => set.has(text);
}

const literalOf = (source: string): string | undefined => {
  const alternatives = literalAlternatives(source);
  return alternatives?.length === 1 ? alternatives[0] : undefined;
};

function between(before: string, after: string, least: number): Capture {
  const shortest = before.length + after.length + least;
  return (text) => {
    if (text.length < shortest || !text.startsWith(before) || !text.endsWith(after)) return undefined;
    return [text, text.slice(before.length, text.length - after.length)];
  };
}
