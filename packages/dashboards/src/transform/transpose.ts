import { FieldNames } from "../display/field-name.ts";
import { columnOf, textOf } from "../frame/column.ts";
import { type Field, type Frame, valueAt } from "../frame/frame.ts";
import type { Options } from "./options.ts";
import { specialValue } from "./special-value.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

/**
 * Swaps the rows and columns of a frame. Each new column has a label that names its old row: the row's value in the
 * first column, if that column contains texts or times, otherwise the row's number.
 */
function transpose(frame: Frame, names: FieldNames, options: Options, run: TransformRun): Frame {
  const [first] = frame.fields;
  if (first === undefined) return frame;
  const isHeader = first.type === "string" || first.type === "time";
  const firstName = options.text("firstFieldName") ?? "Field";
  const restName = options.text("restFieldsName") ?? "Value";
  const empty = specialValue(options.text("emptyValue"));
  const fields = isHeader ? frame.fields.slice(1) : frame.fields;
  run.claim(fields.length * (frame.length + 1), frame.length + 1);
  const types = new Set(fields.map(({ type }) => type));
  const type = types.size === 1 ? fields[0]!.type : "string";
  const columns = Array.from({ length: frame.length }, (_, row): Field => {
    const header = valueAt(first, row);
    const values = fields.map((field) => {
      const value = valueAt(field, row);
      return type === "string" ? (value === null ? textOf(empty) : textOf(value)) : value;
    });
    const labels = isHeader
      ? { [first.name]: header === null ? textOf(empty) : textOf(header) }
      : { row: String(row + 1) };
    return columnOf({ name: restName, labels }, type, values);
  });
  return {
    ...frame,
    refId: `transpose-${frame.refId ?? ""}`,
    length: fields.length,
    fields: [
      columnOf(
        { name: firstName },
        "string",
        fields.map((field) => names.nameOf(field, frame)),
      ),
      ...columns,
    ],
  };
}

export const transposeRows: TransformationKind = {
  id: "transpose",
  name: "Transpose",
  description: "Make columns of rows",
  defaultOptions: {},
  apply: (frames, options, run) => {
    const names = new FieldNames(frames);
    return frames.map((frame) => transpose(frame, names, options, run));
  },
};
