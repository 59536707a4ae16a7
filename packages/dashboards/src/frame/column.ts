import type { FieldConfig } from "../model/field-config.ts";
import type { Field, FieldType, Frame, Labels, NumericField } from "./frame.ts";
import { isNumeric } from "./frame.ts";

/** What a column has besides its values; without labels where they are undefined. */
export interface ColumnHead {
  readonly name: string;
  readonly labels?: Labels | undefined;
  readonly config?: FieldConfig;
}

const headOf = ({ name, labels, config = {} }: ColumnHead): Pick<Field, "name" | "labels" | "config"> =>
  labels === undefined ? { name, config } : { name, labels, config };

/** A column of numbers or times. Bytes of nulls that are all zero are left away. */
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

/** A value as text: strings as they are, other things as JSON writes them. */
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

/** What values without a type are: what the first of them is that is there. */
export function typeOfValues(values: readonly unknown[]): FieldType {
  const type = typeof values.find((value) => value !== null && value !== undefined);
  return type === "number" || type === "string" || type === "boolean" ? type : "json";
}

/** A column's numbers: booleans are 1 and 0, texts what they say. */
export const asNumbers = (field: Field): NumericField =>
  isNumeric(field) ? field : (columnOf(field, "number", field.values) as NumericField);

/** A column of a type from any values; what the type cannot hold becomes null. */
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
      return { ...base, type, values: Array.from(values, (one) => one ?? null) };
  }
}

/** A column of a type, or of texts if the type cannot hold all of the values. */
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

/** Marks values that no row was found for. */
export function withAbsent<F extends Field>(field: F, isAbsent: (row: number) => boolean): F {
  const absent = Uint8Array.from({ length: field.values.length }, (_, row) => (isAbsent(row) ? 1 : 0));
  return absent.includes(1) ? { ...field, absent } : field;
}

/** The same column with rows in another order; null for a row of -1. */
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

/** Rows from `from` up to `to`; numbers are a view of the same memory. */
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

/** The rows of columns of one type behind one another, under the head of the first; there is one at least. */
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

/** The frame with other columns, of which there are as many rows as the first has. */
export function withFields(frame: Frame, fields: readonly Field[], length = fields[0]?.values.length ?? 0): Frame {
  return { ...frame, fields, length };
}
