import type { JsonValue } from "@narthex/config";
import { SpecError } from "./spec-error.ts";

/** Maximum depth of nested objects and lists in a spec. */
const MAX_DEPTH = 100;

/** Stands for a spec that is nested deeper than MAX_DEPTH. Functions that are recursive would overflow the stack. */
const TOO_DEEP = "nested too deep";

/** Returns a spec unchanged, or TOO_DEEP, which all kinds refuse. */
export function boundedSpec(spec: JsonValue | undefined): JsonValue {
  let level: readonly JsonValue[] = [spec ?? null];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return TOO_DEEP;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return spec ?? null;
}

/** Reads the fields of an object in a spec. A field that is absent, null or of a wrong type is undefined. */
export class SpecFields {
  readonly #value: Readonly<Record<string, JsonValue>>;
  readonly #path: string;

  constructor(value: JsonValue | undefined, path = "") {
    if (value === TOO_DEEP && path === "") throw misshapen(`spec is nested more than ${MAX_DEPTH} deep`);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw misshapen(`${path === "" ? "spec" : path} is not an object`);
    }
    this.#value = value as Readonly<Record<string, JsonValue>>;
    this.#path = path;
  }

  /** Returns the value of a field unchanged. A null is treated as absent. */
  value(key: string): JsonValue | undefined {
    return Object.hasOwn(this.#value, key) ? (this.#value[key] ?? undefined) : undefined;
  }

  /** Returns a text field, or "" if it is absent. */
  text(key: string): string {
    const value = this.value(key);
    if (value === undefined) return "";
    if (typeof value !== "string") throw misshapen(`${this.at(key)} is not a text`);
    return value;
  }

  /** Returns a field that may be a text or a number, such as a port or a quantity. */
  textOrNumber(key: string): string | number | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === "string" || typeof value === "number") return value;
    throw misshapen(`${this.at(key)} is neither a text nor a number`);
  }

  flag(key: string): boolean | undefined {
    const value = this.value(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw misshapen(`${this.at(key)} is neither true nor false`);
  }

  texts(key: string): readonly string[] {
    return this.list(key).map((item, i) => {
      if (typeof item !== "string") throw misshapen(`${this.at(key)}[${i}] is not a text`);
      return item;
    });
  }

  /** Returns a list field, or an empty list if it is absent. */
  list(key: string): readonly JsonValue[] {
    const value = this.value(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw misshapen(`${this.at(key)} is not a list`);
    return value as readonly JsonValue[];
  }

  object(key: string): SpecFields | undefined {
    const value = this.value(key);
    return value === undefined ? undefined : new SpecFields(value, this.at(key));
  }

  objects(key: string): readonly SpecFields[] {
    return this.list(key).map((item, i) => new SpecFields(item, `${this.at(key)}[${i}]`));
  }

  /** Reports whether a field is absent, null or an empty text. */
  isEmpty(key: string): boolean {
    return (this.value(key) ?? "") === "";
  }

  get keys(): readonly string[] {
    return Object.keys(this.#value);
  }

  /** Returns fields under their names in a configuration file. Absent and empty fields are left out. */
  renamed(names: Readonly<Record<string, string>>): Record<string, JsonValue> {
    const renamed: Record<string, JsonValue> = {};
    for (const [key, name] of Object.entries(names)) {
      if (!this.isEmpty(key)) renamed[name] = this.value(key)!;
    }
    return renamed;
  }

  /** Returns the position of a field in the spec, for error messages. */
  at(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }
}

const misshapen = (sentence: string): SpecError => new SpecError(sentence, true);
