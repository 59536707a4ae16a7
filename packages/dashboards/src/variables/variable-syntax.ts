import type { Formatter, PlacedFormat } from "./variable-format.ts";
import { formatValues } from "./variable-format.ts";

/** The values that are inserted into a text for a variable. */
export interface BoundVariable {
  readonly name: string;
  /** The selected values. The list has one entry if only one value can be selected. */
  readonly values: readonly string[];
  /** Displayed texts of the selected values, in the order of `values`. */
  readonly texts: readonly string[];
  /** Whether several values, or All, can be chosen. Queries then contain a regular expression. */
  readonly isMulti: boolean;
  /**
   * Whether the value is inserted unchanged in all formats except for a few, such as `text` and `json`. True for
   * built-in times and steps, and for the configured value of All.
   */
  readonly isVerbatim: boolean;
  /** Whether the value is formatted as a list even if it has one entry. Default: only if there are several entries. */
  readonly isList?: boolean;
  /** Values that URLs contain if All is selected. */
  readonly addressValues?: readonly string[];
  /** Values of the variable's parts, to which texts refer as `${name.part}`, by the part's name. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** Function that finds a variable by its name. Returns undefined to leave the text unchanged. */
export type Lookup = (name: string, part: string | undefined) => BoundVariable | undefined;

export interface VariableUse {
  readonly name: string;
  readonly part: string | undefined;
  readonly format: string | undefined;
  readonly index: number;
  readonly length: number;
}

/**
 * Matches `$name`, `[[name]]`, `[[name.part:format]]`, `${name}` and `${name.part:format}`. The length of parts and
 * formats is limited, because a hostile text with many unclosed brackets would otherwise take quadratic time.
 */
const VARIABLE =
  /\$(\w+)|\[\[(\w+)(?:\.([^:\]]{1,200}))?(?::([^\]]{1,200}))?\]\]|\$\{(\w+)(?:\.([^:}]{1,200}))?(?::([^}]{1,200}))?\}/g;

/**
 * Number of capturing groups in the expression VARIABLE. In the arguments of a `replace` callback, the match's position
 * follows them.
 */
const GROUPS = 7;

/** Length in characters above which texts are not searched for variables. No query or title is that long. */
const MAX_TEXT = 1_000_000;

/** Default format, for variables in a text that does not name a format. */
export type UsualFormat = Formatter | PlacedFormat | string;

/** Replaces the variables in a text. Unknown variables stay unchanged. */
export function interpolate(text: string, lookup: Lookup, usualFormat: UsualFormat = "glob"): string {
  if (!mayHoldVariable(text)) return text;
  const usualAt = typeof usualFormat === "object" ? usualFormat.in(text) : () => usualFormat;
  const named = typeof usualFormat === "object" ? usualFormat.named : undefined;
  return text.replaceAll(VARIABLE, (written: string, ...groups: readonly (string | undefined)[]) => {
    const usual = usualAt(Number(groups[GROUPS]));
    const name = groups[0] ?? groups[1] ?? groups[4];
    const part = groups[2] ?? groups[5];
    const formatName = groups[3] ?? groups[6];
    const format =
      (formatName !== undefined && named !== undefined && Object.hasOwn(named, formatName)
        ? named[formatName]
        : formatName) ?? usual;
    const bound = name === undefined ? undefined : lookup(name, part);
    if (bound === undefined) return written;
    if (part !== undefined) {
      // Only own properties count as parts, so that a text cannot refer to an inherited property such as `constructor`.
      const found = bound.parts !== undefined && Object.hasOwn(bound.parts, part) ? bound.parts[part] : undefined;
      if (found === undefined) return written;
      return formatValues({ ...bound, values: [found], texts: [found] }, format);
    }
    return formatValues(bound, format);
  });
}

export function variablesIn(text: string): VariableUse[] {
  if (!mayHoldVariable(text)) return [];
  return [...text.matchAll(VARIABLE)].map((match) => ({
    name: (match[1] ?? match[2] ?? match[5])!,
    part: match[3] ?? match[6],
    format: match[4] ?? match[7],
    index: match.index,
    length: match[0].length,
  }));
}

const mayHoldVariable = (text: string): boolean =>
  text.length <= MAX_TEXT && (text.includes("$") || text.includes("[["));

/** Returns the names of the variables in all texts and keys of JSON. */
export function variableNamesIn(json: unknown): ReadonlySet<string> {
  const names = new Set<string>();
  const waiting: unknown[] = [json];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === "string") for (const { name } of variablesIn(next)) names.add(name);
    else if (Array.isArray(next)) for (const one of next as unknown[]) waiting.push(one);
    else if (typeof next === "object" && next !== null)
      for (const [key, value] of Object.entries(next)) waiting.push(key, value);
  }
  return names;
}

/** Replaces the variables in all texts of JSON. Objects and lists without variables are returned without a copy. */
export function interpolateJson<T>(json: T, lookup: Lookup, usual: UsualFormat = "glob"): T {
  if (typeof json === "string") return interpolate(json, lookup, usual) as T;
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) {
    const filled = json.map((entry: unknown) => interpolateJson(entry, lookup, usual));
    return filled.every((entry, at) => Object.is(entry, json[at])) ? json : (filled as T);
  }
  let changed = false;
  const entries = Object.entries(json).map(([key, value]): [string, unknown] => {
    const filled: unknown = interpolateJson(value as unknown, lookup, usual);
    changed ||= !Object.is(filled, value);
    return [key, filled];
  });
  return changed ? (Object.fromEntries(entries) as T) : json;
}
