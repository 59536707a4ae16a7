import { FieldNames } from "../display/field-name.ts";
import { compileFieldMatcher, type FieldTest } from "../field/field-matcher.ts";
import { columnOf, typeOfValues } from "../frame/column.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { reduceField } from "../reduce/reduce-field.ts";
import { findReducer, type Reducer } from "../reduce/reducers.ts";
import { joinedRefId } from "./joined-ref-id.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

/**
 * Returns a table with a row for each field. The columns are the field's name, optionally its labels, and one result
 * for each reducer.
 */
function toRows(
  frames: readonly Frame[],
  test: FieldTest,
  reducers: readonly Reducer[],
  withLabels: boolean,
  run: TransformRun,
): Frame | undefined {
  const [first] = frames;
  if (first === undefined) return undefined;
  const names = new FieldNames(frames);
  const chosen = frames.flatMap((frame) =>
    frame.fields.filter((field) => test(field, frame)).map((field) => ({ field, frame })),
  );
  const labels = withLabels
    ? [...new Set(frames.flatMap(({ fields }) => fields.flatMap((field) => Object.keys(field.labels ?? {}))))]
    : [];
  const width = 1 + labels.length + reducers.length;
  run.claim(chosen.length * width, width);
  const ids = reducers.map(({ id }) => id);
  const results = chosen.map(({ field }) => reduceField(field, ids));
  const labelOf = (field: Field, label: string): string | null =>
    field.labels !== undefined && Object.hasOwn(field.labels, label) ? field.labels[label]! : null;
  const { name: _, ...rest } = first;
  return {
    ...rest,
    refId: joinedRefId("reduce", frames),
    length: chosen.length,
    fields: [
      columnOf(
        { name: "Field" },
        "string",
        chosen.map(({ field, frame }) => (withLabels ? field.name : names.nameOf(field, frame))),
      ),
      ...labels.map((label) =>
        columnOf(
          { name: label },
          "string",
          chosen.map(({ field }) => labelOf(field, label)),
        ),
      ),
      ...reducers.map(({ id, name }) => {
        const values = results.map((result) => result.get(id) ?? null);
        return columnOf({ name }, typeOfValues(values), values);
      }),
    ],
  };
}

const keepsType = new Set(["first", "firstNotNull", "last", "lastNotNull"]);

/** Reduces each frame to a single row. */
function toFields(frames: readonly Frame[], test: FieldTest, reducers: readonly Reducer[], run: TransformRun): Frame[] {
  const ids = reducers.map(({ id }) => id);
  return frames.flatMap((frame): Frame[] => {
    const fields = frame.fields.flatMap((field): Field[] => {
      if (!test(field, frame)) return [];
      run.claim(reducers.length, reducers.length);
      const results = reduceField(field, ids);
      return reducers.map(({ id, name }) => {
        const type = id === "allValues" || id === "uniqueValues" ? "json" : keepsType.has(id) ? field.type : "number";
        const labels = reducers.length > 1 ? { ...field.labels, reducer: name } : field.labels;
        return columnOf({ name: field.name, labels, config: field.config }, type, [results.get(id) ?? null]);
      });
    });
    return fields.length === 0 ? [] : [{ ...frame, fields, length: 1 }];
  });
}

export const reduce: TransformationKind = {
  id: "reduce",
  name: "Reduce",
  description: "Reduce columns to single values such as the maximum or the last",
  defaultOptions: { reducers: ["max"] },
  apply: (frames, options, run) => {
    const reducers = options.texts("reducers").flatMap((id) => findReducer(id) ?? []);
    if (reducers.length === 0) return frames;
    const isFields = options.text("mode") === "reduceFields";
    const matcher = options.matcher("fields");
    const withTimes = isFields && options.flag("includeTimeField");
    const test =
      matcher === undefined
        ? (field: Field): boolean => withTimes || field.type !== "time"
        : (compileFieldMatcher(matcher, frames) ?? (() => false));
    if (isFields) return toFields(frames, test, reducers, run);
    const rows = toRows(frames, test, reducers, options.flag("labelsToFields"), run);
    return rows === undefined ? [] : [rows];
  },
};
