import type { VariableOption } from "../model/dashboard.ts";
import { compileUserPattern } from "../pattern/user-pattern.ts";

/** Options that are offered; a query may give more, of which no list is read. */
const MOST_OPTIONS = 10_000;

/**
 * What a query gives, filtered and cut by the variable's expression: one without groups keeps those that it matches, one with
 * a group takes what that captures, and groups named `text` and `value` take both. Each value is offered once.
 *
 * @returns undefined where the expression is none
 */
export function filterOptions(
  options: readonly VariableOption[],
  regex: string,
): readonly VariableOption[] | undefined {
  if (regex === "") return unique(options);
  const pattern = compileUserPattern(regex);
  if (pattern === undefined) return undefined;
  return unique(
    options.flatMap((option): VariableOption[] => {
      const matches = pattern.matchAll(option.value);
      const first = matches[0];
      if (first === undefined) return [];
      const { named } = first;
      if (named.has("value") || named.has("text")) {
        return matches.map(({ named: parts }) => {
          const value = parts.get("value") ?? parts.get("text") ?? "";
          return { value, text: parts.get("text") ?? value };
        });
      }
      if (first.groups.length < 2) return [option];
      return matches.map(({ groups }) => ({ value: groups[1] ?? "", text: groups[1] ?? "" }));
    }),
  );
}

function unique(options: readonly VariableOption[]): readonly VariableOption[] {
  const seen = new Map<string, VariableOption>();
  for (const option of options) {
    if (!seen.has(option.value)) seen.set(option.value, option);
    if (seen.size >= MOST_OPTIONS) break;
  }
  return [...seen.values()];
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const natural = new Intl.Collator("en", { sensitivity: "accent", numeric: true });
/** The first number in a text; those without stand before. */
const numberIn = (text: string): number => Number(/\d{1,15}/.exec(text)?.[0] ?? -1);

const ORDERS: readonly ((a: VariableOption, b: VariableOption) => number)[] = [
  (a, b) => byCodeUnits(a.text, b.text),
  (a, b) => numberIn(a.text) - numberIn(b.text),
  (a, b) => byCodeUnits(a.text.toLowerCase(), b.text.toLowerCase()),
  (a, b) => natural.compare(a.text, b.text),
];

/** Sorts by a dashboard's number: 1 by letters, 3 by numbers, 5 by letters of either case, 7 as people do; even numbers descend. */
export function sortOptions(options: readonly VariableOption[], sort: number): readonly VariableOption[] {
  const order = ORDERS[Math.ceil(sort / 2) - 1];
  if (order === undefined) return options;
  const sorted = options.toSorted(order);
  return sort % 2 === 0 ? sorted.toReversed() : sorted;
}

/** The choices of a list as dashboards write it: `a,b`, `text : value`, and `\,` for a comma. */
export function listedOptions(text: string): readonly VariableOption[] {
  const entries = text.slice(0, 1_000_000).match(/(?:\\,|[^,])+/g) ?? [];
  return entries.map((entry) => {
    const plain = entry.replaceAll(String.raw`\,`, ",").trim();
    const colon = plain.search(/\s:\s/);
    if (colon === -1) return { text: plain, value: plain };
    return { text: plain.slice(0, colon).trimEnd(), value: plain.slice(colon + 2).trimStart() };
  });
}
