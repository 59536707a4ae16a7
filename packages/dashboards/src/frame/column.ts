import type { FieldConfig } from "../model/field-config.ts";
import { isDeeperThan, MAX_VALUE_DEPTH } from "../model/json-depth.ts";
import type { Field, FieldType, Frame, Labels, NumericField } from "./frame.ts";
import { isNumeric } from "./frame.ts";

/** The properties of a column without its values. Undefined labels are left out. */
export interface ColumnHead {
  readonly name: string;
  readonly labels?: Labels | undefined;
  readonly config?: FieldConfig;
}

const headOf = ({ name, labels, config = {} }: ColumnHead): Pick<Field, "name" | "labels" | "config"> =>
  labels === undefined ? { name, config } : { name, labels, config };

/** Builds a column of numbers or times. Omits the array of null marks if no value is null. */
export function numericColumn(
  head: ColumnHead,
  type: "time" | "number",
  values: Float64Array,
  nulls?: Uint8Array,
): NumericField {
  const base = { ...headOf(head), type, values };
  return nulls === undefined || !nulls.includes(1) ? base : { ...base, nulls };
}

function numberOf(value: unknown, type: "time" | "number"): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string" || value.trim() === "") return null;
  const number = type === "time" && Number.isNaN(Number(value)) ? Date.parse(value) : Number(value);
  return Number.isNaN(number) && value !== "NaN" ? null : number;
}

/** Returns a value as text: strings as they are, other values as JSON. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

const isFrame = (value: unknown): value is Frame =>
  typeof value === "object" && value !== null && Array.isArray((value as { fields?: unknown }).fields);

/** Returns the type of a list of values: the type of the first value that is not null. */
export function typeOfValues(values: readonly unknown[]): FieldType {
  const type = typeof values.find((value) => value !== null && value !== undefined);
  return type === "number" || type === "string" || type === "boolean" ? type : "json";
}

/** Returns a column as numbers: booleans become 1 and 0, texts are parsed. */
export const asNumbers = (field: Field): NumericField =>
  isNumeric(field) ? field : (columnOf(field, "number", field.values) as NumericField);

/**
 * Builds a column of a type from any values. Values that do not fit the type become null, and so do values of JSON that
 * are nested too deeply to be written.
 */
export function columnOf(head: ColumnHead, type: FieldType, values: readonly unknown[]): Field {
  const base = headOf(head);
  switch (type) {
    case "time":
    case "number": {
      const numbers = new Float64Array(values.length);
      const nulls = new Uint8Array(values.length);
      for (let i = 0; i < values.length; i++) {
        const value = numberOf(values[i], type);
        if (value === null) nulls[i] = 1;
        else numbers[i] = value;
      }
      return numericColumn(head, type, numbers, nulls);
    }
    case "string":
      return {
        ...base,
        type,
        values: Array.from(values, (one) => (one === null || one === undefined ? null : textOf(one))),
      };
    case "boolean":
      return { ...base, type, values: Array.from(values, (one) => (typeof one === "boolean" ? one : null)) };
    case "frame":
      return { ...base, type, values: Array.from(values, (one) => (isFrame(one) ? one : null)) };
    case "json":
      return {
        ...base,
        type,
        values: Array.from(values, (one) => (isDeeperThan(MAX_VALUE_DEPTH, one) ? null : (one ?? null))),
      };
  }
}

/** Builds a column of a type, or of texts if some value does not fit the type. */
export function columnOfAny(head: ColumnHead, type: FieldType, values: readonly unknown[]): Field {
  const isHeld = (value: unknown): boolean =>
    value === null || value === undefined || value === "" || isOfType(value, type);
  return columnOf(head, values.every(isHeld) ? type : "string", values);
}

function isOfType(value: unknown, type: FieldType): boolean {
  if (type === "time" || type === "number") return numberOf(value, type) !== null;
  if (type === "frame") return isFrame(value);
  return type !== "boolean" || typeof value === "boolean";
}

/** Marks values as empty because a join found no row for them. */
export function withAbsent<F extends Field>(field: F, isAbsent: (row: number) => boolean): F {
  const absent = Uint8Array.from({ length: field.values.length }, (_, row) => (isAbsent(row) ? 1 : 0));
  return absent.includes(1) ? { ...field, absent } : field;
}

/**
 * Returns a column whose rows are selected by number. `rows` contains row numbers of the original column; -1 gives
 * null.
 */
export function pickRows<F extends Field>(field: F, rows: Int32Array): F {
  const { absent, ...present } = field;
  const picked = pickPresent(present as Field, rows) as F;
  return absent === undefined ? picked : withAbsent(picked, (row) => absent[rows[row]!] === 1);
}

function pickPresent(field: Field, rows: Int32Array): Field {
  if (!isNumeric(field)) {
    const { values } = field;
    return { ...field, values: Array.from(rows, (row) => (row < 0 ? null : (values[row] ?? null))) } as Field;
  }
  const { values, nulls: before, ...rest } = field;
  const picked = new Float64Array(rows.length);
  const nulls = new Uint8Array(rows.length);
  let hasNulls = false;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row < 0 || row >= values.length || before?.[row] === 1) {
      nulls[i] = 1;
      hasNulls = true;
    } else picked[i] = values[row]!;
  }
  return { ...rest, values: picked, ...(hasNulls ? { nulls } : {}) };
}

/** Returns a column with the rows from `from` up to `to`. Numbers are a view of the same memory. */
export function sliceRows<F extends Field>(field: F, from: number, to: number): F {
  const { absent, ...present } = field;
  const sliced = absent === undefined ? {} : { absent: absent.subarray(from, to) };
  if (!isNumeric(field)) return { ...present, ...sliced, values: field.values.slice(from, to) } as unknown as F;
  const { values, nulls } = field;
  return {
    ...present,
    ...sliced,
    values: values.subarray(from, to),
    ...(nulls === undefined ? {} : { nulls: nulls.subarray(from, to) }),
  } as unknown as F;
}

/** Concatenates columns of one type, with the properties of the first. */
export function stackColumns<F extends Field>(columns: readonly [F, ...Field[]]): F {
  const [{ absent: _absent, ...head }] = columns;
  const first = head as F;
  if (columns.length === 1) return columns[0];
  if (!isNumeric(first)) return { ...first, values: columns.flatMap(({ values }) => values as unknown[]) };
  const numeric = columns.filter(isNumeric);
  const values = new Float64Array(numeric.reduce((sum, { values }) => sum + values.length, 0));
  const nulls = numeric.some(({ nulls }) => nulls !== undefined) ? new Uint8Array(values.length) : undefined;
  let at = 0;
  for (const column of numeric) {
    values.set(column.values, at);
    if (column.nulls !== undefined) nulls?.set(column.nulls, at);
    at += column.values.length;
  }
  const { nulls: _, ...rest } = first;
  return { ...rest, values, ...(nulls === undefined ? {} : { nulls }) } as unknown as F;
}

/** Returns a copy of a frame with other columns. `length` defaults to the length of the first column. */
export function withFields(frame: Frame, fields: readonly Field[], length = fields[0]?.values.length ?? 0): Frame {
  return { ...frame, fields, length };
}
