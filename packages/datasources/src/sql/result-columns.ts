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
  /**
   * Returns the column. May be called once, because the column takes the memory of the source.
   * @param roundsLargeNumbers whether whole numbers that are too large for a number of JavaScript become the nearest
   *   numbers, as time series need them. Otherwise a column with such a number is a column of texts.
   */
  takeField(roundsLargeNumbers?: boolean): Field;
}

/** Collects the cells of a result column. */
export interface ColumnBuilder extends FieldSource {
  push(cell: SqlCell): void;
}

export function columnBuilder({ name, kind }: SqlColumn): ColumnBuilder {
  if (kind === "string") {
    const words = new KnownTexts();
    return new ListBuilder(name, "string", (cell) => words.same(cell));
  }
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

  takeField(): Field {
    return { name: this.#name, type: this.#type, values: this.#values, config: {} } as unknown as Field;
  }
}

/** Largest number of different texts of a column that are looked up. */
const MAX_KNOWN = 1000;

/** Returns one object for equal texts, because many columns of texts repeat a few values in all rows. */
class KnownTexts {
  #known: Map<string, string> | undefined = new Map();

  same(text: string): string {
    if (this.#known === undefined) return text;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size < MAX_KNOWN) this.#known.set(text, text);
    // A column with many different texts gains nothing from the look-ups.
    else this.#known = undefined;
    return text;
  }
}

/** Collects numbers or times in a growing array. */
class NumberBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #kind: "number" | "integer" | "time";
  #values: Float64Array = new Float64Array(FIRST_ROWS);
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

  /** Moves the values to longer arrays. The old memory is free at once. */
  #grow(): void {
    const length = 2 * this.#values.length;
    this.#values = resized(this.#values, length);
    if (this.#nulls !== undefined) this.#nulls = resizedBytes(this.#nulls, length);
  }

  /** Returns the column. No further cells may follow, because the column takes the memory of the builder. */
  takeField(roundsLargeNumbers = false): Field {
    const values = (this.#values = resized(this.#values, this.#length));
    const nulls = (this.#nulls &&= resizedBytes(this.#nulls, this.#length));
    const named = { name: this.#name, config: {} };
    if (this.#exact.size > 0 && !roundsLargeNumbers)
      return { ...named, type: "string", values: this.#texts(values, nulls) };
    const type = this.#kind === "time" ? "time" : "number";
    return { ...named, type, values, ...(nulls !== undefined && { nulls }) };
  }

  /** Returns the whole numbers as texts, because a number of JavaScript would change the large ones. */
  #texts(values: Float64Array, nulls: Uint8Array | undefined): (string | null)[] {
    return Array.from(values, (value, row) => (nulls?.[row] === 1 ? null : (this.#exact.get(row) ?? String(value))));
  }
}

/** Returns the values in an array of another length, which may take the memory of the given array. */
const resized = ({ buffer }: Float64Array, length: number): Float64Array<ArrayBuffer> =>
  new Float64Array((buffer as ArrayBuffer).transfer(length * Float64Array.BYTES_PER_ELEMENT));

const resizedBytes = ({ buffer }: Uint8Array, length: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array((buffer as ArrayBuffer).transfer(length));

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

  takeField(roundsLargeNumbers = false): Field {
    return (this.#builder ?? this.#begin("number")).takeField(roundsLargeNumbers);
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
