import type { FieldConfig } from "../model/field-config.ts";

/** Label pairs of a series, in the order in which the source gave them. */
export type Labels = Readonly<Record<string, string>>;

interface FieldBase {
  readonly name: string;
  /** Of a column that holds one series. */
  readonly labels?: Labels;
  /** What the source says of the column, then what the panel's options and overrides make of it. */
  readonly config: FieldConfig;
  /** A byte for each value, 1 for nulls of rows that a join found nothing for; missing if there are none. */
  readonly absent?: Uint8Array;
}

/** Times, epoch milliseconds, or numbers. */
export interface NumericField extends FieldBase {
  readonly type: "time" | "number";
  readonly values: Float64Array;
  /** A byte per value, 1 where there is none; absent where all are there. A NaN is a value. */
  readonly nulls?: Uint8Array;
}

export interface StringField extends FieldBase {
  readonly type: "string";
  readonly values: readonly (string | null)[];
}

export interface BooleanField extends FieldBase {
  readonly type: "boolean";
  readonly values: readonly (boolean | null)[];
}

/** Anything else that JSON can hold; Grafana's `other`. */
export interface JsonField extends FieldBase {
  readonly type: "json";
  readonly values: readonly unknown[];
}

/** A frame in each row: a series drawn within a cell. */
export interface FrameField extends FieldBase {
  readonly type: "frame";
  readonly values: readonly (Frame | null)[];
}

/** A column of a frame. */
export type Field = NumericField | StringField | BooleanField | JsonField | FrameField;
export type FieldType = Field["type"];

/** A sentence that the panel shows beside the data. */
export interface Notice {
  readonly severity: "info" | "warning" | "error";
  readonly text: string;
}

/** How a frame is to be read, as data planes of Grafana name it. */
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

export interface FrameMeta {
  readonly type?: FrameType;
  /** The query as the source was asked it. */
  readonly executedQueryString?: string;
  readonly notices?: readonly Notice[];
  /** What the panel kind that the source would choose is called. */
  readonly preferredVisualisationType?: string;
  readonly custom?: Readonly<Record<string, unknown>>;
}

/** A table by columns: what every source answers with, and every transformation and panel takes. */
export interface Frame {
  /** Which query of the panel it answers. */
  readonly refId?: string;
  readonly name?: string;
  /** Rows; every column has as many values. */
  readonly length: number;
  readonly fields: readonly Field[];
  readonly meta?: FrameMeta;
}

/** Whether a column holds times or numbers. */
export const isNumeric = (field: Field): field is NumericField => field.type === "number" || field.type === "time";

/** The value in a row; null where there is none. */
export function valueAt(field: Field, row: number): unknown {
  if (!isNumeric(field)) return field.values[row] ?? null;
  if (row >= field.values.length || field.nulls?.[row] === 1) return null;
  return field.values[row]!;
}

/** The frame's first column of times, by which series are drawn. */
export const timeFieldOf = (frame: Frame): NumericField | undefined =>
  frame.fields.find((field): field is NumericField => field.type === "time");
