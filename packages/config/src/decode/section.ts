import { type Codec, type Decoded, INVALID, type PrintableMap, wrongType } from "./codec.ts";
import type { DecodeContext, Report } from "./decode-context.ts";
import { isNull, type MapEntry, type MapNode, type YamlNode } from "../yaml/node.ts";
import type { Position } from "../problem.ts";
import { nearest } from "./nearest.ts";

/** One key of a section (a YAML mapping with known keys), with its codec and default. */
export interface Field<T> {
  readonly entry: "field";
  readonly key: string;
  readonly codec: Codec<T>;
  /** Value that is used if the key is absent. */
  readonly fallback: T;
  /** True to print the key even if its value is Go's zero value. */
  readonly always: boolean;
}

/** Adds the keys of another section to this section, without nesting. */
export interface Inline<T> {
  readonly entry: "inline";
  readonly section: Section<T>;
}

/** Keys of a section that are recognised by a rule instead of a fixed name, such as `<kind>_sd_configs`. */
export interface Rest<T> {
  readonly entry: "rest";
  /** Key names that the rule recognises, for suggestions after a typing error. */
  readonly keys?: readonly string[];
  claims(key: string): boolean;
  decode(entries: readonly MapEntry[], context: DecodeContext): Decoded<T>;
  encode(value: T): PrintableMap["entries"];
}

type Entry<T> = Field<T> | Inline<T> | Rest<T>;

/** Position in the file of each value of a section. For an absent key this is the position of the section. */
export type FieldPositions<T> = { readonly [K in keyof T]: Position } & { readonly self: Position };

/** Decodes and prints a YAML mapping with known keys. */
export interface Section<T> extends Codec<T> {
  readonly keys: readonly string[];
  claims(key: string): boolean;
  /**
   * Decodes the keys that this section knows and ignores all other keys. Used if the section's keys are part of another
   * section.
   */
  decodeEntries(map: MapNode, context: DecodeContext, checked?: boolean): Decoded<T>;
  encodeEntries(value: T): PrintableMap["entries"];
  /** Returns the value of a section without any keys: all defaults. Throws if this value is invalid. */
  empty(): T;
}

/** Returns the field of a key with a default. */
export function field<T>(key: string, codec: Codec<T>, fallback: NoInfer<T>, always = false): Field<T> {
  return { entry: "field", key, codec, fallback, always };
}

/** Returns the field of a key whose value is undefined if the key is absent. */
export function optional<T>(key: string, codec: Codec<T>): Field<T | undefined> {
  return {
    entry: "field",
    key,
    codec: {
      goType: codec.goType,
      decode: (node, context) => codec.decode(node, context),
      encode: (value) => (value === undefined ? null : codec.encode(value)),
      isZero: (value) => value === undefined,
    },
    fallback: undefined,
    always: false,
  };
}

/** Adds the keys of another section to the section that is being defined. */
export const inline = <T>(section: Section<T>): Inline<T> => ({ entry: "inline", section });

type Table<Raw> = { readonly [K in keyof Raw]: Entry<Raw[K]> };

/**
 * Returns a section: a table of keys in print order, and a check of the decoded values with their positions. The check
 * reports values that conflict, and may change them (inheritance, renaming). It returns INVALID if no usable value
 * remains. The check is skipped if a key was already refused.
 * ```ts
 * const queue = section("config.QueueConfig", { capacity: field("capacity", wholeNumber, 10_000) }, (value, at, report) => {
 *   if (value.capacity < 1) report(at.capacity, "not-positive", "capacity must be positive");
 *   return value;
 * });
 * ```
 */
export function section<Raw extends object, T = Raw>(
  goType: string,
  table: Table<Raw>,
  finish?: (value: Raw, at: FieldPositions<Raw>, report: Report) => Decoded<T>,
): Section<T> {
  const rows = Object.entries(table) as [keyof Raw & string, Entry<unknown>][];
  const keys = rows.flatMap(([, row]) =>
    row.entry === "field" ? [row.key] : row.entry === "inline" ? row.section.keys : (row.keys ?? []),
  );
  const known = new Set(keys);
  const claims = (key: string): boolean =>
    known.has(key) ||
    rows.some(([, row]) =>
      row.entry === "rest" ? row.claims(key) : row.entry === "inline" && row.section.claims(key),
    );
  const decodeEntries = (map: MapNode, context: DecodeContext, checked = true): Decoded<T> => {
    const value: Record<string, unknown> = {};
    const at: Record<string, Position> = { self: map };
    let sound = true;
    for (const [name, row] of rows) {
      at[name] = map;
      const decoded = decodeRow(row, map, context, (place) => (at[name] = place));
      if (decoded === INVALID) sound = false;
      else value[name] = decoded;
    }
    if (!sound || !checked) return INVALID;
    return finish === undefined ? (value as T) : finish(value as Raw, at as FieldPositions<Raw>, context.report);
  };
  const encodeEntries = (value: T): PrintableMap["entries"] =>
    rows.flatMap(([name, row]) => encodeRow(row, (value as Record<string, unknown>)[name]));
  return {
    goType,
    keys,
    claims,
    decodeEntries,
    encodeEntries,
    decode(node, context) {
      if (node.kind !== "map") {
        if (isNull(node))
          return decodeEntries({ kind: "map", entries: [], line: node.line, column: node.column }, context);
        return wrongType(node, goType, context, mapMend(node, keys));
      }
      const strangers = reportKeys(node, goType, keys, claims, context);
      return decodeEntries(node, context, !strangers);
    },
    encode: (value) => ({ entries: encodeEntries(value) }),
    whenNull(node, context) {
      const value: Record<string, unknown> = {};
      const at: Record<string, Position> = { self: node };
      for (const [name, row] of rows) {
        at[name] = node;
        value[name] = zeroOf(row, node, context);
      }
      return finish === undefined ? (value as T) : finish(value as Raw, at as FieldPositions<Raw>, context.report);
    },
    isZero: (value) => rows.every(([name, row]) => isZeroRow(row, (value as Record<string, unknown>)[name])),
    empty() {
      const fallbacks: Record<string, unknown> = {};
      for (const [name, row] of rows) {
        fallbacks[name] =
          row.entry === "field" ? row.fallback : row.entry === "inline" ? row.section.empty() : undefined;
      }
      const nowhere = { line: 0, column: 0 };
      const at = { self: nowhere, ...Object.fromEntries(rows.map(([name]) => [name, nowhere])) } as FieldPositions<Raw>;
      const made = finish === undefined ? (fallbacks as T) : finish(fallbacks as Raw, at, () => undefined);
      if (made === INVALID) throw new TypeError(`an empty ${goType} is not valid`);
      return made;
    },
  };
}

function mapMend(node: YamlNode, keys: readonly string[]): string {
  if (node.kind === "scalar" && /^[\w-]+:\S/.test(node.text)) return "put a space behind the colon: `key: value`";
  return `give a mapping with keys such as ${keys.slice(0, 3).join(", ")}`;
}

function decodeRow(
  row: Entry<unknown>,
  map: MapNode,
  context: DecodeContext,
  place: (at: Position) => void,
): Decoded<unknown> {
  if (row.entry === "inline") return row.section.decodeEntries(map, context);
  if (row.entry === "rest")
    return row.decode(
      map.entries.filter((entry) => row.claims(entry.key.text)),
      context,
    );
  let found: YamlNode | undefined;
  for (const { key, value } of map.entries) if (key.text === row.key) found = value;
  if (found === undefined) return row.fallback;
  place(found);
  const inner = context.within(row.key);
  if (!isNull(found)) return row.codec.decode(found, inner);
  return row.codec.whenNull === undefined ? row.fallback : row.codec.whenNull(found, inner);
}

function encodeRow(row: Entry<unknown>, value: unknown): PrintableMap["entries"] {
  if (row.entry === "inline") return row.section.encodeEntries(value);
  if (row.entry === "rest") return row.encode(value);
  return row.always || !row.codec.isZero(value) ? [[row.key, row.codec.encode(value)] as const] : [];
}

function isZeroRow(row: Entry<unknown>, value: unknown): boolean {
  if (row.entry === "field") return row.codec.isZero(value);
  return row.entry === "inline" ? row.section.isZero(value) : row.encode(value).length === 0;
}

function zeroOf(row: Entry<unknown>, node: YamlNode, context: DecodeContext): unknown {
  if (row.entry === "rest") return row.decode([], context);
  if (row.entry === "inline") return row.section.whenNull?.(node, context);
  return row.codec.whenNull === undefined ? row.fallback : row.codec.whenNull(node, context);
}

/** Reports unknown and repeated keys of a mapping. Returns true if any key was reported. */
function reportKeys(
  map: MapNode,
  goType: string,
  keys: readonly string[],
  claims: (key: string) => boolean,
  context: DecodeContext,
): boolean {
  const seen = new Set<string>();
  let found = false;
  for (const { key, merged } of map.entries) {
    if (!claims(key.text)) {
      if (context.ignoresUnknownFields) continue;
      context.report(key, "unknown-field", `field ${key.text} not found in type ${goType}`, suggestion(key.text, keys));
      found = true;
    } else if (!merged && seen.has(key.text)) {
      const hint = "keep one of the two, or merge them";
      context.report(key, "repeated-field", `field ${key.text} already set in type ${goType}`, hint);
      found = true;
    }
    if (!merged) seen.add(key.text);
  }
  return found;
}

function suggestion(name: string, keys: readonly string[]): string {
  const near = nearest(name, keys);
  if (near !== undefined) return `did you mean ${near}?`;
  if (keys.length > 0 && keys.length <= 12) return `known here: ${keys.join(", ")}`;
  return "remove it, or check its place: it is not among the keys of what it stands in";
}
