import { compareBytewise } from "@narthex/model";
import { GoDuration } from "./duration.ts";
import { GoTime } from "./time.ts";
import type { TemplateFunction } from "./function.ts";

/**
 * A value in a template, as a JavaScript value for each of Go's kinds. int is a bigint, float64 a number, a list an
 * array or GoList, a map a Map or GoMap. A struct is a plain object or GoStruct, a function a TemplateFunction. nil is
 * null, and "no value" is undefined.
 */
export type Value = unknown;

/** The methods of a named Go type. Each function binds a method to a value (the receiver). */
type Methods<T> = Readonly<Record<string, (receiver: T) => TemplateFunction>>;

/** Properties that all values of a Go type with a name have in common. */
export interface NamedType<T> {
  /** Name of the type as Go prints it, such as `template.KV`. */
  readonly name: string;
  readonly methods?: Methods<T>;
  /** The type's String method. */
  readonly text?: (value: T) => string;
  /** JSON names of struct fields whose names differ from their Go names. */
  readonly jsonNames?: Readonly<Record<string, string>>;
}

/** A map whose Go type has a name. `zero` is the value of a missing key. */
export class GoMap {
  readonly type: NamedType<GoMap>;
  readonly entries: ReadonlyMap<string, Value>;
  readonly zero: Value;

  constructor(type: NamedType<GoMap>, entries: ReadonlyMap<string, Value>, zero: Value) {
    this.type = type;
    this.entries = entries;
    this.zero = zero;
  }
}

/** A list whose Go type has a name. */
export class GoList {
  readonly type: NamedType<GoList>;
  readonly items: readonly Value[];

  constructor(type: NamedType<GoList>, items: readonly Value[]) {
    this.type = type;
    this.items = items;
  }
}

/** A struct whose Go type has a name. The fields are in the order of declaration. */
export class GoStruct {
  readonly type: NamedType<GoStruct>;
  readonly fields: Readonly<Record<string, Value>>;

  constructor(type: NamedType<GoStruct>, fields: Readonly<Record<string, Value>>) {
    this.type = type;
    this.fields = fields;
  }
}

/** A text that HTML templates print without escaping. `kind` names the kind of content that is trusted: HTML or URL. */
export class TrustedText {
  readonly kind: "html" | "url";
  readonly text: string;

  constructor(kind: "html" | "url", text: string) {
    this.kind = kind;
    this.text = text;
  }
}

const STRING_MAP: NamedType<GoMap> = { name: "map[string]string" };
const STRING_LIST: NamedType<GoList> = { name: "[]string" };
/** Go's type of the list that the template function `query` returns. */
export const QUERY_RESULT: NamedType<GoList> = { name: "template.queryResult" };

/** Returns a value of Go's type map[string]string. A missing key has the value "". */
export const stringMap = (source: Readonly<Record<string, string>> | Iterable<readonly [string, string]>): GoMap =>
  new GoMap(STRING_MAP, new Map(Symbol.iterator in source ? source : Object.entries(source)), "");

/** Returns a value of Go's type []string. */
export const stringList = (items: readonly string[]): GoList => new GoList(STRING_LIST, items);

export const isFunction = (value: Value): value is TemplateFunction =>
  typeof value === "object" && value !== null && "parameters" in value && "call" in value;

/** Returns the entries of a map value, or undefined for any other value. */
export function entriesOf(value: Value): ReadonlyMap<string, Value> | undefined {
  if (value instanceof GoMap) return value.entries;
  return value instanceof Map ? (value as ReadonlyMap<string, Value>) : undefined;
}

/** Returns the items of a list value, or undefined for any other value. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  if (value instanceof GoList) return value.items;
  return Array.isArray(value) ? (value as readonly Value[]) : undefined;
}

/** Returns the fields of a struct value, or undefined for any other value. */
export function fieldsOf(value: Value): Readonly<Record<string, Value>> | undefined {
  if (value instanceof GoStruct) return value.fields;
  if (typeof value !== "object" || value === null || isFunction(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? (value as Readonly<Record<string, Value>>) : undefined;
}

/** Returns the keys of a map in Go's order. Strings are compared by their bytes. */
export const sortedKeys = (entries: ReadonlyMap<string, Value>): string[] => [...entries.keys()].sort(compareBytewise);

/**
 * Reports whether a value counts as true in Go's templates. False, 0, "", nil and empty lists and maps are false. Any
 * struct is true.
 */
export function isTrue(value: Value): boolean {
  switch (typeof value) {
    case "undefined":
      return false;
    case "boolean":
      return value;
    case "bigint":
      return value !== 0n;
    case "number":
      return value !== 0;
    case "string":
      return value !== "";
  }
  if (value === null) return false;
  if (value instanceof TrustedText) return value.text !== "";
  if (value instanceof GoDuration) return value.nanoseconds !== 0n;
  const items = itemsOf(value);
  if (items !== undefined) return items.length > 0;
  const entries = entriesOf(value);
  return entries === undefined || entries.size > 0;
}

/** Returns the name of a value's Go type, as in Go's %T. */
export function typeName(value: Value): string {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float64";
    case "string":
      return "string";
  }
  if (value === null || value === undefined) return "<nil>";
  if (value instanceof GoMap || value instanceof GoList || value instanceof GoStruct) return value.type.name;
  if (value instanceof GoTime) return "time.Time";
  if (value instanceof GoDuration) return "time.Duration";
  if (value instanceof TrustedText) return value.kind === "html" ? "template.HTML" : "template.URL";
  if (Array.isArray(value)) return "[]interface {}";
  if (value instanceof Map) return "map[string]interface {}";
  return isFunction(value) ? "func(...interface {}) (interface {}, error)" : "struct";
}

/**
 * Returns the text that the Go method String() returns for a value. Undefined if the value's type has no method
 * String().
 */
export function textOf(value: Value): string | undefined {
  if (value instanceof GoTime || value instanceof GoDuration) return value.toString();
  if (value instanceof GoMap) return value.type.text?.(value);
  if (value instanceof GoList) return value.type.text?.(value);
  if (value instanceof GoStruct) return value.type.text?.(value);
  return undefined;
}

/** Returns a method of a value by name, bound to the value. */
export function methodOf(value: Value, name: string): TemplateFunction | undefined {
  if (value instanceof GoMap) return own(value.type.methods, name)?.(value);
  if (value instanceof GoList) return own(value.type.methods, name)?.(value);
  if (value instanceof GoStruct) return own(value.type.methods, name)?.(value);
  if (value instanceof GoTime || value instanceof GoDuration) return value.method(name);
  return undefined;
}

const own = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
