import type { FieldConfig } from "../model/field-config.ts";

/** Labels of a series, in the order in which the data source gave them. */
export type Labels = Readonly<Record<string, string>>;

interface FieldBase {
  readonly name: string;
  /** Labels of the series, if the column contains one series. */
  readonly labels?: Labels;
  /**
   * Display settings of the column: first those of the data source, later those that also include the panel's options
   * and overrides.
   */
  readonly config: FieldConfig;
  /**
   * One byte for each value: 1 if the value is null because a join found no row. Absent if no value is null for this
   * reason.
   */
  readonly absent?: Uint8Array;
}

/** A column of times (epoch ms) or numbers. */
export interface NumericField extends FieldBase {
  readonly type: "time" | "number";
  readonly values: Float64Array;
  /** One byte for each value: 1 if it is null. Absent if no value is null. NaN is a value, not a null. */
  readonly nulls?: Uint8Array;
}

export interface StringField extends FieldBase {
  readonly type: "string";
  readonly values: readonly (string | null)[];
}

interface BooleanField extends FieldBase {
  readonly type: "boolean";
  readonly values: readonly (boolean | null)[];
}

/** A column of JSON values that fit no other kind of column. Grafana calls this type `other`. */
interface JsonField extends FieldBase {
  readonly type: "json";
  readonly values: readonly unknown[];
}

/** A column with a frame in each row: a series that is drawn within a cell. */
interface FrameField extends FieldBase {
  readonly type: "frame";
  readonly values: readonly (Frame | null)[];
}

export type Field = NumericField | StringField | BooleanField | JsonField | FrameField;
export type FieldType = Field["type"];

export interface Notice {
  readonly severity: "info" | "warning" | "error";
  readonly text: string;
}

/** Shape of a frame's data, with the names of Grafana's data plane. */
export type FrameType =
  | "timeseries-wide"
  | "timeseries-multi"
  | "timeseries-long"
  | "numeric-wide"
  | "numeric-multi"
  | "numeric-long"
  | "heatmap-rows"
  | "heatmap-cells"
  | "table"
  | "annotations";

/** A number about the work of a query, such as the bytes that the server has read. */
export interface QueryStat {
  readonly displayName: string;
  readonly unit?: string;
  readonly value: number;
}

export interface FrameMeta {
  readonly type?: FrameType;
  /** Text of the query as it was sent to the data source. */
  readonly executedQueryString?: string;
  readonly notices?: readonly Notice[];
  readonly stats?: readonly QueryStat[];
  /** Panel kind that the data source suggests for the frame. */
  readonly preferredVisualisationType?: string;
  readonly custom?: Readonly<Record<string, unknown>>;
}

/** A table, stored by columns. Every source returns frames; every transformation and panel takes them. */
export interface Frame {
  /** RefId of the query that returned the frame. */
  readonly refId?: string;
  readonly name?: string;
  /** Number of rows; every column has this number of values. */
  readonly length: number;
  readonly fields: readonly Field[];
  readonly meta?: FrameMeta;
}

/** Reports whether a column contains times or numbers. */
export const isNumeric = (field: Field): field is NumericField => field.type === "number" || field.type === "time";

/** Returns the value in a row, or null if the value is missing. */
export function valueAt(field: Field, row: number): unknown {
  if (!isNumeric(field)) return field.values[row] ?? null;
  if (row >= field.values.length || field.nulls?.[row] === 1) return null;
  return field.values[row]!;
}

/** Returns the frame's first time column, which panels use as the x axis, or undefined. */
export const timeFieldOf = (frame: Frame): NumericField | undefined =>
  frame.fields.find((field): field is NumericField => field.type === "time");
