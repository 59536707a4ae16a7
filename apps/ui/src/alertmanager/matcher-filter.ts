import type { LabelSet } from "../format/series-name.ts";
import { quoteLabelName, quoteString } from "../format/series-name.ts";

/** How a matcher compares. */
export type MatchOperator = "=" | "!=" | "=~" | "!~";

/** A condition on one label. */
export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

const piece =
  /^\s*(?:("(?:[^"\\]|\\.)*")|([a-zA-Z_:][a-zA-Z0-9_:.-]*))\s*(=~|!~|!=|=)\s*(?:("(?:[^"\\]|\\.)*")|([^,"{}\s=~!][^,"{}\s]*))\s*(,|$)/;

/**
 * The matchers of a filter such as `{alertname="Down", job=~"a|b"}`. The braces may be missing, values may go
 * unquoted, and quotes that a chat program turned into `&quot;` are understood. Null when the text is no filter.
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

/** A matcher as the API and links spell it. */
export function formatMatcher({ name, operator, value }: Matcher): string {
  return `${quoteLabelName(name)}${operator}${quoteString(value)}`;
}

/** Matchers as the `filter` of a link; empty when there are none. */
export function formatMatchers(matchers: readonly Matcher[]): string {
  return matchers.length === 0 ? "" : `{${matchers.map(formatMatcher).join(", ")}}`;
}

/** Matchers that fit exactly one set of labels. */
export function matchersOf(labels: LabelSet): Matcher[] {
  return Object.entries(labels).map(([name, value]) => ({ name, operator: "=", value }));
}
