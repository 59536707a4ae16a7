import type { LabelSet } from "../format/series-name.ts";
import { quoteLabelName, quoteString } from "../format/series-name.ts";

export type MatchOperator = "=" | "!=" | "=~" | "!~";

export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

const piece =
  /^\s*(?:("(?:[^"\\]|\\.)*")|([a-zA-Z_:][a-zA-Z0-9_:.-]*))\s*(=~|!~|!=|=)\s*(?:("(?:[^"\\]|\\.)*")|([^,"{}\s=~!][^,"{}\s]*))\s*(,|$)/;

/**
 * Parses a filter such as `{alertname="Down", job=~"a|b"}`. The braces and the quotes of values may be missing, and
 * `&quot;`, into which some chat programs turn quotes, is read as a quote. Returns null if the text is not a filter.
 */
export function parseMatchers(text: string): Matcher[] | null {
  let rest = text.replaceAll("&quot;", '"').trim();
  if (rest.startsWith("{") && rest.endsWith("}")) rest = rest.slice(1, -1).trim();
  const matchers: Matcher[] = [];
  while (rest !== "") {
    const found = piece.exec(rest);
    if (found === null) return null;
    const name = found[1] === undefined ? (found[2] ?? "") : unquote(found[1]);
    const value = found[4] === undefined ? (found[5] ?? "") : unquote(found[4]);
    if (name === null || value === null) return null;
    matchers.push({ name, operator: found[3] as MatchOperator, value });
    rest = rest.slice(found[0].length);
  }
  return matchers;
}

function unquote(literal: string): string | null {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return null;
  }
}

export function formatMatcher({ name, operator, value }: Matcher): string {
  return `${quoteLabelName(name)}${operator}${quoteString(value)}`;
}

/** Formats matchers for the `filter` parameter of a link; returns "" for an empty list. */
export function formatMatchers(matchers: readonly Matcher[]): string {
  return matchers.length === 0 ? "" : `{${matchers.map(formatMatcher).join(", ")}}`;
}

/** Returns one equality matcher for each label, so that only alerts with these labels match. */
export function matchersOf(labels: LabelSet): Matcher[] {
  return Object.entries(labels).map(([name, value]) => ({ name, operator: "=", value }));
}
