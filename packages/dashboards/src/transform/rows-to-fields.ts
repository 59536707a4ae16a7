import { columnOf, textOf } from "../frame/column.ts";
import { type Field, type Frame, valueAt } from "../frame/frame.ts";
import { configColumns, configOf } from "./config-mapping.ts";
import type { Options } from "./options.ts";
import { TransformationError, type TransformationKind, type TransformRun } from "./transformation.ts";

/** Maximum number of fields in the result, which has one field for each row of the table. */
const MAX_FIELDS = 10_000;

function toFields(frame: Frame, options: Options, run: TransformRun): Frame {
  const columns = configColumns(frame, options, true);
  const last = (handler: string): Field | undefined => columns.findLast((column) => column.handler === handler)?.field;
  const [name, value] = [last("field.name"), last("field.value")];
  if (name === undefined || value === undefined) return frame;
  if (frame.length > MAX_FIELDS) {
    throw new TransformationError(`${frame.length} rows are too many to become fields: request at most ${MAX_FIELDS}`);
  }
  run.claim(frame.length, frame.length);
  const labelColumns = columns.filter(({ handler }) => handler === "field.label");
  const fields = Array.from({ length: frame.length }, (_, row) => {
    const labels = labelColumns.flatMap((column) => {
      const text = valueAt(column.field, row);
      return text === null ? [] : [[column.name, textOf(text)] as const];
    });
    return columnOf(
      {
        name: textOf(valueAt(name, row) ?? "null"),
        labels: { ...name.labels, ...Object.fromEntries(labels) },
        config: configOf(columns, ({ field }) => valueAt(field, row)),
      },
      value.type,
      [valueAt(value, row)],
    );
  });
  return { ...(frame.refId === undefined ? {} : { refId: frame.refId }), fields, length: 1 };
}

export const rowsToFields: TransformationKind = {
  id: "rowsToFields",
  name: "Rows to fields",
  description: "Make a column of each row, with settings from other columns",
  defaultOptions: {},
  apply: (frames, options, run) => frames.map((frame) => toFields(frame, options, run)),
};
