import type { Field } from "@narthex/dashboards";
import { parseSqlTime } from "./sql-time.ts";

/** The kind of a result column. `integer` holds whole numbers that may be too large for a number of JavaScript. */
export type ColumnKind = "number" | "integer" | "time" | "boolean" | "string";

/** A column of a result, as the database describes it. */
export interface SqlColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

const FIRST_ROWS = 1024;

/** Collects the cells of a result column. A database sends each cell as a text, or null. */
export interface ColumnBuilder {
  push(cell: string | null): void;
  field(): Field;
}

export function columnBuilder({ name, kind }: SqlColumn): ColumnBuilder {
  if (kind === "string") return new ListBuilder(name, "string", (cell) => cell);
  if (kind === "boolean") return new ListBuilder(name, "boolean", (cell) => cell === "t" || cell === "1");
  return new NumberBuilder(name, kind);
}

class ListBuilder<T extends "string" | "boolean", V> implements ColumnBuilder {
  readonly #name: string;
  readonly #type: T;
  readonly #valueOf: (cell: string) => V;
  readonly #values: (V | null)[] = [];

  constructor(name: string, type: T, valueOf: (cell: string) => V) {
    this.#name = name;
    this.#type = type;
    this.#valueOf = valueOf;
  }

  push(cell: string | null): void {
    this.#values.push(cell === null ? null : this.#valueOf(cell));
  }

  field(): Field {
    return { name: this.#name, type: this.#type, values: this.#values, config: {} } as unknown as Field;
  }
}

/** Collects numbers or times in a growing array. */
class NumberBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #kind: "number" | "integer" | "time";
  #values = new Float64Array(FIRST_ROWS);
  #nulls: Uint8Array | undefined;
  #length = 0;
  /** Whole numbers that are too large, by row. */
  readonly #exact = new Map<number, string>();

  constructor(name: string, kind: "number" | "integer" | "time") {
    this.#name = name;
    this.#kind = kind;
  }

  push(cell: string | null): void {
    if (this.#length === this.#values.length) this.#grow();
    const row = this.#length++;
    const value = cell === null ? undefined : this.#kind === "time" ? parseSqlTime(cell) : numberOf(cell);
    if (value === undefined) {
      this.#nulls ??= new Uint8Array(this.#values.length);
      this.#nulls[row] = 1;
      return;
    }
    this.#values[row] = value;
    if (this.#kind === "integer" && !Number.isSafeInteger(value)) this.#exact.set(row, cell!);
  }

  #grow(): void {
    const values = new Float64Array(2 * this.#values.length);
    values.set(this.#values);
    this.#values = values;
    if (this.#nulls === undefined) return;
    const nulls = new Uint8Array(values.length);
    nulls.set(this.#nulls);
    this.#nulls = nulls;
  }

  field(): Field {
    const length = this.#length;
    const values = this.#values.slice(0, length);
    const nulls = this.#nulls?.slice(0, length);
    const named = { name: this.#name, config: {} };
    if (this.#exact.size > 0) return { ...named, type: "string", values: this.#texts(values, nulls) };
    const type = this.#kind === "time" ? "time" : "number";
    return { ...named, type, values, ...(nulls !== undefined && { nulls }) };
  }

  /** Returns the whole numbers as texts, because a number of JavaScript would change the large ones. */
  #texts(values: Float64Array, nulls: Uint8Array | undefined): (string | null)[] {
    return Array.from(values, (value, row) => (nulls?.[row] === 1 ? null : (this.#exact.get(row) ?? String(value))));
  }
}

function numberOf(cell: string): number | undefined {
  const value = Number(cell);
  // Both databases write these two values as words.
  return Number.isNaN(value) && cell !== "NaN" ? undefined : value;
}
