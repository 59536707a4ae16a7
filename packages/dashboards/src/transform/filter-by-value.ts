import { FieldNames } from "../display/field-name.ts";
import { compileValueMatcher, type ValueTest } from "../field/value-matcher.ts";
import { pickRows } from "../frame/column.ts";
import type { Field, Frame } from "../frame/frame.ts";
import type { TransformationKind } from "./transformation.ts";

type Condition = (row: number) => boolean;

export const filterByValue: TransformationKind = {
  id: "filterByValue",
  name: "Filter data by values",
  description: "Keep or remove rows by the values of columns",
  defaultOptions: { filters: [], type: "include", match: "any" },
  apply: (frames, options) => {
    const isAll = options.text("match") === "all";
    const isIncluded = options.text("type") === "include";
    const filters = options.parts("filters").map((filter) => {
      const matcher = filter.matcher("config");
      return {
        name: filter.text("fieldName") ?? "",
        test: matcher === undefined ? undefined : compileValueMatcher(matcher),
      };
    });
    if (filters.length === 0) return frames;
    const names = new FieldNames(frames);
    return frames.map((frame): Frame => {
      const fields = new Map<string, Field>(frame.fields.map((field) => [names.nameOf(field, frame), field]));
      const conditions = filters.map(({ name, test }): Condition => {
        const field = fields.get(name);
        return field === undefined || test === undefined ? () => false : onField(test, field);
      });
      const rows = new Int32Array(frame.length);
      let count = 0;
      for (let row = 0; row < frame.length; row++) {
        const holds = isAll ? conditions.every((one) => one(row)) : conditions.some((one) => one(row));
        if (holds === isIncluded) rows[count++] = row;
      }
      if (count === frame.length) return frame;
      const kept = rows.subarray(0, count);
      return { ...frame, fields: frame.fields.map((field) => pickRows(field, kept)), length: count };
    });
  },
};

const onField =
  (test: ValueTest, field: Field): Condition =>
  (row) =>
    test(field, row);
