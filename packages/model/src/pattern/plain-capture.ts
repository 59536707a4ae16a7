import { literalAlternatives } from "./literal-pattern.ts";
import { wildcardTest } from "./wildcard-pattern.ts";

/** Returns the groups of a match of the whole text, or undefined if it does not match; index 0 is the text. */
export type Capture = (text: string) => readonly (string | undefined)[] | undefined;

/** One group of any characters between plain texts: `(.*)`, `Pod;(.+)`, `(.*):9100`. */
const ONE_WILDCARD = /^([^()|]*)\((\.[*+])\)([^()|]*)$/;
/** One group around plain alternatives: `(http|https)`. */
const ONE_GROUP = /^\(([^()?][^()]*)\)$/;

/**
 * Returns a function that finds groups by plain string operations, for expressions as simple as most of those in
 * relabeling: literals, wildcards without groups, one group. Returns undefined if a regular-expression engine is
 * needed.
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
