import type { Field } from "@narthex/dashboards";
import type { FieldSource } from "../../sql/result-columns.ts";
import type { Value, ValueKind } from "./plain-columns.ts";

/** Collects the values of a column from all blocks. */
export class ValueColumn implements FieldSource {
  readonly #name: string;
  readonly #kind: ValueKind;
  readonly #blocks: (readonly Value[])[] = [];
  #length = 0;

  constructor(name: string, kind: ValueKind) {
    this.#name = name;
    this.#kind = kind;
  }

  push(values: readonly Value[]): void {
    this.#blocks.push(values);
    this.#length += values.length;
  }

  field(): Field {
    const named = { name: this.#name, config: {} };
    const hasLarge = this.#kind === "integer" && this.#blocks.some((block) => block.some(isText));
    if (hasLarge) return { ...named, type: "string", values: this.#list(textOf) };
    if (this.#kind === "number" || this.#kind === "integer" || this.#kind === "time") {
      const { values, nulls } = this.#numbers();
      const type = this.#kind === "time" ? "time" : "number";
      return { ...named, type, values, ...(nulls.includes(1) && { nulls }) };
    }
    return { ...named, type: this.#kind, values: this.#list((value) => value) } as unknown as Field;
  }

  #numbers(): { readonly values: Float64Array; readonly nulls: Uint8Array } {
    const values = new Float64Array(this.#length);
    const nulls = new Uint8Array(this.#length);
    let row = 0;
    for (const block of this.#blocks)
      for (const value of block) {
        if (typeof value === "number") values[row] = value;
        else nulls[row] = 1;
        row++;
      }
    return { values, nulls };
  }

  #list<T>(valueOf: (value: Value) => T): T[] {
    const values: T[] = [];
    for (const block of this.#blocks) for (const value of block) values.push(valueOf(value));
    return values;
  }
}

const textOf = (value: Value): string | null =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : null;

const isText = (value: Value): boolean => typeof value === "string";
