import { FieldNames } from "../display/field-name.ts";
import { sortRows } from "../frame/sort-frame.ts";
import type { TransformationKind } from "./transformation.ts";

export const sortBy: TransformationKind = {
  id: "sortBy",
  name: "Sort by",
  description: "Sort rows by a column",
  defaultOptions: { fields: {} },
  apply: (frames, options) => {
    const [sort] = options.parts("sort");
    const wanted = sort?.text("field");
    if (sort === undefined) return frames;
    return frames.map((frame) => {
      const names = new FieldNames([frame]);
      const index = sort.number("index");
      const field =
        index === undefined ? frame.fields.find((one) => names.nameOf(one, frame) === wanted) : frame.fields[index];
      return field === undefined ? frame : sortRows(frame, field, sort.flag("desc"));
    });
  },
};
