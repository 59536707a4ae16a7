import type { Field } from "@narthex/dashboards";
import { parseSqlTime } from "./sql-time.ts";

/**
 * The kind of a result column. `integer` contains whole numbers that may be too large for a number of JavaScript. A
 * column of the kind `any` contains numbers or texts, depending on its first value.
 */
export type ColumnKind = "number" | "integer" | "time" | "boolean" | "string" | "any";

/** A cell of a result. Most databases send each cell as a text. */
export type SqlCell = string | number | bigint | null;

/** A column of a result, as the database describes it. */
export interface SqlColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

const FIRST_ROWS = 1024;

/** A column of a result that has been read. */
export interface FieldSource {
  field(): Field;
}

/** Collects the cells of a result column. */
export interface ColumnBuilder extends FieldSource {
  push(cell: SqlCell): void;
}

export function columnBuilder({ name, kind }: SqlColumn): ColumnBuilder {
  if (kind === "string") return new ListBuilder(name, "string", (cell) => cell);
  if (kind === "any") return new AnyBuilder(name);
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

  push(cell: SqlCell): void {
    this.#values.push(cell === null ? null : this.#valueOf(typeof cell === "string" ? cell : textOfNumber(cell)));
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

  push(cell: SqlCell): void {
    if (this.#length === this.#values.length) this.#grow();
    const row = this.#length++;
    const value = cell === null ? undefined : this.#kind === "time" ? parseSqlTime(String(cell)) : numberOf(cell);
    if (value === undefined) {
      this.#nulls ??= new Uint8Array(this.#values.length);
      this.#nulls[row] = 1;
      return;
    }
    this.#values[row] = value;
    if (this.#kind === "integer" && !isExact(value, cell)) this.#exact.set(row, String(cell));
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

/** Collects numbers or texts. The first value that is not null decides. */
class AnyBuilder implements ColumnBuilder {
  readonly #name: string;
  #builder: ColumnBuilder | undefined;
  /** Number of nulls before the first value. */
  #nulls = 0;

  constructor(name: string) {
    this.#name = name;
  }

  push(cell: SqlCell): void {
    if (this.#builder !== undefined) this.#builder.push(cell);
    else if (cell === null) this.#nulls++;
    else {
      this.#builder = this.#begin(typeof cell === "string" ? "string" : "integer");
      this.#builder.push(cell);
    }
  }

  field(): Field {
    return (this.#builder ?? this.#begin("number")).field();
  }

  #begin(kind: ColumnKind): ColumnBuilder {
    const builder = columnBuilder({ name: this.#name, kind });
    for (let i = 0; i < this.#nulls; i++) builder.push(null);
    return builder;
  }
}

/** Returns the text of a number in a column of texts. Fractions have six digits, as in Go's `%f`. */
const textOfNumber = (cell: number | bigint): string =>
  typeof cell === "number" && !Number.isInteger(cell) ? cell.toFixed(6) : String(cell);

/** Reports whether a number of JavaScript represents a cell exactly. Fractions are never exact decimals. */
const isExact = (value: number, cell: SqlCell): boolean => typeof cell === "number" || Number.isSafeInteger(value);

function numberOf(cell: string | number | bigint): number | undefined {
  if (typeof cell !== "string") return Number(cell);
  const value = cell === "" ? Number.NaN : Number(cell);
  // Both databases write these two values as words.
  return Number.isNaN(value) && cell !== "NaN" ? undefined : value;
}
