import type { Field } from "../frame/frame.ts";
import { valueAt } from "../frame/frame.ts";

/** A row of the merged table: one value for each column, undefined if no frame has set it yet. */
export type Row = unknown[];

/** Rows of the merged table that are equal in some columns. */
interface Bucket {
  rows: Row[];
}

/** Index of the rows that have values in the same set of the current frame's columns. */
interface Pattern {
  readonly columns: readonly number[];
  readonly buckets: Map<string, Bucket>;
}

/** All rows with one key, indexed by their values in the current frame's columns. */
interface KeyRows {
  readonly rows: Row[];
  frame: number;
  patterns: Map<string, Pattern>;
}

/**
 * Maximum number of index lookups. After that, rows are only added and no longer merged. Without this limit, merging
 * would take quadratic time if each row has its empty cells in different columns.
 */
const MAX_LOOKUPS = 20_000_000;

/**
 * The rows of the transformation "merge". As in Grafana, a row of a frame is merged into all rows that have the same
 * key and the same or empty values. If no such row exists, the row is added. Rows of a key are found by an index, so
 * the time grows linearly with the number of rows.
 */
export class MergedRows {
  readonly rows: Row[] = [];
  readonly #keys = new Map<string, KeyRows>();
  readonly #objects = new Map<unknown, number>();
  #frame = -1;
  #columns: readonly number[] = [];
  #lookups = 0;
  #nans = 0;

  /** Whether the limit of lookups was reached. The result may then contain rows that should have been merged. */
  get isPartial(): boolean {
    return this.#lookups > MAX_LOOKUPS;
  }

  /**
   * Merges the rows of a frame into the table.
   * @param fields for each column of the result, the frame's field with its values
   */
  addFrame(fields: readonly (Field | undefined)[], keys: readonly Field[], length: number): void {
    this.#frame++;
    this.#columns = fields.flatMap((field, column) => (field === undefined ? [] : [column]));
    for (let at = 0; at < length; at++) {
      const key = JSON.stringify(keys.map((field) => valueAt(field, at)));
      const row = fields.map((field) => (field === undefined ? undefined : valueAt(field, at)));
      const known = this.#keyRows(key);
      if (this.#goesInto(row, known)) continue;
      this.rows.push(row);
      known.rows.push(row);
      this.#merge([row], row, known);
    }
  }

  #keyRows(key: string): KeyRows {
    let known = this.#keys.get(key);
    if (known === undefined) {
      known = { rows: [], frame: this.#frame, patterns: new Map() };
      this.#keys.set(key, known);
    }
    if (known.frame !== this.#frame) {
      known.frame = this.#frame;
      known.patterns = new Map();
      this.#lookups += known.rows.length;
      if (!this.isPartial) for (const row of known.rows) this.#merge([row], row, known);
    }
    return known;
  }

  /**
   * Merges a row into all rows with the same key that have no conflicting value. Returns false if there are no such
   * rows.
   */
  #goesInto(values: Row, known: KeyRows): boolean {
    this.#lookups += known.patterns.size;
    if (this.isPartial) return false;
    const fitting: Bucket[] = [];
    let isEqual = false;
    const filled = this.#filled(values);
    for (const { columns, buckets } of known.patterns.values()) {
      const name = this.#nameOf(values, columns);
      const bucket = buckets.get(name);
      if (bucket === undefined) continue;
      // Remembers that a merged row already has these values, so that it is not changed.
      if (columns.length === filled.length) isEqual = true;
      else {
        fitting.push(bucket);
        buckets.delete(name);
      }
    }
    for (const { rows } of fitting) {
      for (const row of rows) for (const column of this.#columns) row[column] = values[column];
      this.#merge(rows, values, known);
    }
    return isEqual || fitting.length > 0;
  }

  #filled(row: Row): readonly number[] {
    return this.#columns.filter((column) => row[column] !== null && row[column] !== undefined);
  }

  /** Indexes rows by their values in the current frame's columns. */
  #merge(rows: Row[], values: Row, { patterns }: KeyRows): void {
    const columns = this.#filled(values);
    const id = columns.join();
    let pattern = patterns.get(id);
    if (pattern === undefined) patterns.set(id, (pattern = { columns, buckets: new Map() }));
    const name = this.#nameOf(values, columns);
    const bucket = pattern.buckets.get(name);
    if (bucket === undefined) pattern.buckets.set(name, { rows });
    else for (const row of rows) bucket.rows.push(row);
  }

  /**
   * Returns a text for a row and some columns. Two rows have the same text exactly if their values in these columns are
   * strictly equal.
   */
  #nameOf(row: Row, columns: readonly number[]): string {
    return JSON.stringify(columns.map((column) => this.#valueName(row[column])));
  }

  #valueName(value: unknown): string | number | boolean | readonly unknown[] {
    if (typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    // Gives each NaN a different key, because NaN does not equal any value.
    if (Number.isNaN(value)) return ["NaN", this.#nans++];
    if (typeof value === "number") return ["Infinity", value > 0];
    let index = this.#objects.get(value);
    if (index === undefined) this.#objects.set(value, (index = this.#objects.size));
    return ["object", index];
  }
}
