import type { Variable, VariableOption } from "../model/dashboard.ts";
import type { JsonObject } from "../model/field-config.ts";
import { textOf } from "../frame/column.ts";
import { isObject, ownValue } from "../model/json.ts";
import { collectFaults } from "../pattern/pattern-faults.ts";
import { compileUserPattern, type PatternMatch } from "../pattern/user-pattern.ts";

/**
 * Maximum number of options of a variable. More results of a query are left out, because users cannot handle a longer
 * list.
 */
const MAX_OPTIONS = 10_000;

export interface FoundOptions {
  readonly options: readonly VariableOption[];
  /** Message that explains why options are missing. */
  readonly error?: string;
}

/**
 * Filters and shortens the options of a query variable with its regular expression. An expression without groups keeps
 * the options that it matches. An expression with a group takes the text that the group captures. Groups named `text`
 * and `value` set both. Each value is kept once.
 * @param appliesTo the part of an option that the expression is applied to
 */
export function filterOptions(
  options: readonly VariableOption[],
  regex: string,
  appliesTo: keyof Pick<VariableOption, "text" | "value"> = "value",
): FoundOptions {
  if (regex === "") return unique(options);
  const { result, faults } = collectFaults((): FoundOptions => {
    const pattern = compileUserPattern(regex);
    if (pattern === undefined) return { options: [] };
    return unique(options.flatMap((option) => cut(option, pattern.matchAll(option[appliesTo]))));
  });
  return faults.length === 0 ? result : { ...result, error: `The variable's expression: ${faults.join("; ")}.` };
}

function cut(option: VariableOption, matches: readonly PatternMatch[]): readonly VariableOption[] {
  const [first] = matches;
  if (first === undefined) return [];
  // The groups `value` and `text` may be in separate matches of the expression.
  const [value, text] = ["value", "text"].map((name) => matches.find(({ named }) => named.get(name))?.named.get(name));
  if (value !== undefined || text !== undefined) return [{ value: value ?? text!, text: text ?? value! }];
  if (first.groups.length < 2) return [option];
  return matches.map(({ groups }) => ({ value: groups[1] ?? "", text: groups[1] ?? "" }));
}

function unique(options: readonly VariableOption[]): FoundOptions {
  const seen = new Map<string, VariableOption>();
  for (const option of options) {
    if (seen.has(option.value)) continue;
    if (seen.size === MAX_OPTIONS)
      return {
        options: [...seen.values()],
        error: `There are more than ${MAX_OPTIONS} options; the others are left out.`,
      };
    seen.set(option.value, option);
  }
  return { options: [...seen.values()] };
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const natural = new Intl.Collator("en", { sensitivity: "accent", numeric: true });
/** Returns the first number in a text, or -1 if it contains none. */
const numberIn = (text: string): number => Number(/\d{1,15}/.exec(text)?.[0] ?? -1);

const ORDERS: readonly ((a: VariableOption, b: VariableOption) => number)[] = [
  (a, b) => byCodeUnits(a.text, b.text),
  (a, b) => numberIn(a.text) - numberIn(b.text),
  (a, b) => byCodeUnits(a.text.toLowerCase(), b.text.toLowerCase()),
  (a, b) => natural.compare(a.text, b.text),
];

/**
 * Sorts options by the number that a dashboard stores: 1 alphabetically, 3 numerically, 5 case-insensitively, 7
 * naturally. Each of these numbers plus one means the same order, but descending.
 */
export function sortOptions(options: readonly VariableOption[], sort: number): readonly VariableOption[] {
  const order = ORDERS[Math.ceil(sort / 2) - 1];
  if (order === undefined) return options;
  const sorted = options.toSorted(order);
  return sort % 2 === 0 ? sorted.toReversed() : sorted;
}

/** Parses the options that a user has typed: `a,b`, `text : value`, and `\,` for a comma. */
export function listedOptions(text: string): readonly VariableOption[] {
  const entries = text.slice(0, 1_000_000).match(/(?:\\,|[^,])+/g) ?? [];
  return entries.map((entry) => {
    const plain = entry.replaceAll(String.raw`\,`, ",").trim();
    const colon = lastColon(plain);
    if (colon === -1) return { text: plain, value: plain };
    return { text: plain.slice(0, colon).trimEnd(), value: plain.slice(colon + 1).trimStart() };
  });
}

/** Returns the index of the last colon with spaces around it, or -1. */
function lastColon(text: string): number {
  let at = text.lastIndexOf(":");
  while (at > 0 && !(isSpace(text[at - 1]) && isSpace(text[at + 1]))) at = text.lastIndexOf(":", at - 1);
  return at > 0 ? at : -1;
}

const isSpace = (character: string | undefined): boolean => character !== undefined && /\s/.test(character);

/**
 * Parses a JSON list of options, `[{"text","value", …}]`. Texts can refer to other properties of the chosen option as
 * `${variable.property}`.
 */
export function jsonOptions(text: string): FoundOptions {
  let list: unknown;
  try {
    list = text === "" ? [] : JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list) || !list.every(isObject))
    return { options: [], error: "Query must be a JSON array of objects" };
  return unique(
    list.map((properties: JsonObject): VariableOption => {
      const value = plainText(ownValue(properties, "value"));
      return { value, text: plainText(ownValue(properties, "text")) || value, properties };
    }),
  );
}

const plainText = (value: unknown): string => (value === undefined || value === null ? "" : textOf(value).trim());

/**
 * Adds options that the dashboard defines to those of a query: before them (the default), after them, or sorted
 * together. An option that the dashboard defines replaces a query's option with the same value.
 */
export function withStaticOptions(
  found: readonly VariableOption[],
  { source, sort }: Variable,
): readonly VariableOption[] {
  const given = ownValue(source, "staticOptions");
  if (!Array.isArray(given)) return found;
  const added = given.filter(isObject).map((one): VariableOption => {
    const value = plainText(ownValue(one, "value"));
    return { value, text: plainText(ownValue(one, "text") ?? ownValue(one, "label")) || value };
  });
  const values = new Set(added.map(({ value }) => value));
  const others = found.filter(({ value }) => !values.has(value));
  const order = ownValue(source, "staticOptionsOrder");
  if (order === "after") return [...others, ...added];
  return order === "sorted" ? sortOptions([...others, ...added], sort) : [...added, ...others];
}
