import type { Formatter, PlacedFormat } from "./variable-format.ts";
import { formatValues } from "./variable-format.ts";

/** What a name stands for in a text. */
export interface BoundVariable {
  readonly name: string;
  /** Each choice; a plain value is one. */
  readonly values: readonly string[];
  /** What the choices are called. */
  readonly texts: readonly string[];
  /** Several may be chosen, or all: queries then hold a regular expression. */
  readonly isMulti: boolean;
  /** Used as it is, whatever the format: built-in times and steps, and what All was set to stand for. */
  readonly isVerbatim: boolean;
  /** The value is a list, also if it has one entry. Default: if there are several. */
  readonly isList?: boolean;
  /** Values in addresses, if All is chosen. */
  readonly addressValues?: readonly string[];
  /** Parts of the value by name, `${name.part}`. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** Finds what a name stands for; undefined leaves the text as it is. */
export type Lookup = (name: string, part: string | undefined) => BoundVariable | undefined;

/** A variable where it stands in a text. */
export interface VariableUse {
  readonly name: string;
  readonly part: string | undefined;
  readonly format: string | undefined;
  readonly index: number;
  readonly length: number;
}

/** `$name`, `[[name]]`, `[[name.part:format]]`, `${name}`, `${name.part:format}`. Names of parts and formats have an end, lest each beginning of a hostile text is read to the text's own. */
const VARIABLE =
  /\$(\w+)|\[\[(\w+)(?:\.([^:\]]{1,200}))?(?::([^\]]{1,200}))?\]\]|\$\{(\w+)(?:\.([^:}]{1,200}))?(?::([^}]{1,200}))?\}/g;

/** Groups of the expression; the place of a match follows them. */
const GROUPS = 7;

/** Texts beyond this are not searched: no query or title is as long. */
const MAX_TEXT = 1_000_000;

/** The format of variables that name none. */
export type UsualFormat = Formatter | PlacedFormat | string;

/** Replaces variables in a text. Those that are not found stay as they are written. */
export function interpolate(text: string, lookup: Lookup, usualFormat: UsualFormat = "glob"): string {
  if (!mayHoldVariable(text)) return text;
  const usualAt = typeof usualFormat === "object" ? usualFormat.in(text) : () => usualFormat;
  return text.replaceAll(VARIABLE, (written: string, ...groups: readonly (string | undefined)[]) => {
    const usual = usualAt(Number(groups[GROUPS]));
    const name = groups[0] ?? groups[1] ?? groups[4];
    const part = groups[2] ?? groups[5];
    const format = groups[3] ?? groups[6];
    const bound = name === undefined ? undefined : lookup(name, part);
    if (bound === undefined) return written;
    if (part !== undefined) {
      // Names of parts are the text's: `constructor` is none.
      const found = bound.parts !== undefined && Object.hasOwn(bound.parts, part) ? bound.parts[part] : undefined;
      if (found === undefined) return written;
      return formatValues({ ...bound, values: [found], texts: [found] }, format ?? usual);
    }
    return formatValues(bound, format ?? usual);
  });
}

/** The variables that stand in a text, in order. */
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

/** The names of variables anywhere in a piece of JSON: in its texts and keys. */
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

/** Replaces variables in every text of a piece of JSON; what holds none is handed on as it is. */
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
