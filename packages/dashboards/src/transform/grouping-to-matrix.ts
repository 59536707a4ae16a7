import { compileFieldMatcher } from "../field/field-matcher.ts";
import { columnOfAny, textOf } from "../frame/column.ts";
import { type Field, valueAt } from "../frame/frame.ts";
import { specialValue } from "./special-value.ts";
import type { TransformationKind } from "./transformation.ts";

/**
 * Returns the distinct values of a column in the order of their first occurrence, and for each row the index of its
 * value.
 */
function ordinals(field: Field, length: number): { readonly of: Int32Array; readonly values: unknown[] } {
  const known = new Map<unknown, number>();
  const of = Int32Array.from({ length }, (_, row) => {
    const value = valueAt(field, row);
    const ordinal = known.get(value) ?? known.size;
    known.set(value, ordinal);
    return ordinal;
  });
  return { of, values: [...known.keys()] };
}

export const groupingToMatrix: TransformationKind = {
  id: "groupingToMatrix",
  name: "Grouping to matrix",
  description: "Make a matrix of three columns: one gives the columns, one the rows, one the values",
  defaultOptions: { columnField: "Time", rowField: "Time", valueField: "Value" },
  apply: (frames, options, run) => {
    const [frame] = frames;
    if (frame === undefined || frames.length !== 1) return frames;
    const find = (key: string, fallback: string): Field | undefined => {
      const isWanted = compileFieldMatcher({ id: "byName", options: options.text(key) ?? fallback }, frames)!;
      return frame.fields.find((field) => isWanted(field, frame));
    };
    const [column, row, value] = [find("columnField", "Time"), find("rowField", "Time"), find("valueField", "Value")];
    if (column === undefined || row === undefined || value === undefined) return frames;
    const columns = ordinals(column, frame.length);
    const rows = ordinals(row, frame.length);
    const width = columns.values.length;
    run.claim((width + 1) * rows.values.length, width + 1);
    const cells = new Int32Array(width * rows.values.length).fill(-1);
    for (let at = 0; at < frame.length; at++) cells[columns.of[at]! * rows.values.length + rows.of[at]!] = at;
    const empty = value.type === "frame" ? null : specialValue(options.text("emptyValue"));
    const { displayName: _, ...config } = value.config;
    const { displayNameFromDS: __, ...unnamed } = config;
    const corner = `${options.text("rowField") ?? "Time"}\\${options.text("columnField") ?? "Time"}`;
    return [
      {
        ...(frame.refId === undefined ? {} : { refId: frame.refId }),
        length: rows.values.length,
        fields: [
          columnOfAny({ name: corner, config: row.config }, row.type, rows.values),
          ...columns.values.map((name, i) =>
            columnOfAny(
              { name: name === null ? "" : textOf(name), config: typeof name === "number" ? unnamed : config },
              value.type,
              Array.from(cells.subarray(i * rows.values.length, (i + 1) * rows.values.length), (at) => {
                const cell = at < 0 ? null : valueAt(value, at);
                return cell ?? empty;
              }),
            ),
          ),
        ],
      },
    ];
  },
};
