import { FieldNames } from "../display/field-name.ts";
import { columnOf } from "../frame/column.ts";
import type { Field, Frame } from "../frame/frame.ts";
import type { Options } from "./options.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

/** Returns a table for each series, with a row for each of its labels. */
function toRows(frames: readonly Frame[], keep: readonly string[] | undefined, run: TransformRun): Frame[] {
  const names = new FieldNames(frames);
  return frames.flatMap((frame) =>
    frame.fields.flatMap((field): Frame[] => {
      if (field.labels === undefined) return [];
      const { labels } = field;
      const keys = keep ?? Object.keys(labels);
      if (keys.length === 0) return [];
      run.claim(2 * keys.length, 2);
      const values = keys.map((key) => (Object.hasOwn(labels, key) ? labels[key] : null));
      return [
        {
          ...frame,
          name: names.nameOf(field, frame),
          fields: [columnOf({ name: "label" }, "string", keys), columnOf({ name: "value" }, "string", values)],
          length: keys.length,
        },
      ];
    }),
  );
}

/**
 * Adds a column for each value of each label; all rows of the column have this value. For the label `valueLabel`, no
 * column is added. Its value becomes the name of the labelled field.
 */
function toColumns(frame: Frame, options: Options, run: TransformRun): Frame {
  const keep = options.texts("keepLabels");
  const kept = keep.length === 0 ? undefined : new Set(keep);
  const valueLabel = options.text("valueLabel");
  const values = new Map<string, Set<string>>();
  const fields = frame.fields.map((field): Field => {
    if (field.labels === undefined) return field;
    const { labels, ...rest } = field;
    const { displayName: _, displayNameFromDS: __, ...config } = field.config;
    let { name } = field;
    for (const [label, value] of Object.entries(labels)) {
      if (kept?.has(label) === false) continue;
      if (label === valueLabel) name = value;
      else values.set(label, (values.get(label) ?? new Set()).add(value));
    }
    return { ...rest, name, config };
  });
  const added = [...values].flatMap(([name, texts]) => [...texts].map((text) => ({ name, text })));
  run.claim(added.length * frame.length, added.length);
  return {
    ...frame,
    fields: [
      ...fields,
      ...added.map(({ name, text }): Field => ({
        name,
        type: "string",
        config: {},
        values: Array.from({ length: frame.length }, () => text),
      })),
    ],
  };
}

export const labelsToFields: TransformationKind = {
  id: "labelsToFields",
  name: "Labels to fields",
  description: "Make columns or rows of the labels of series",
  defaultOptions: {},
  apply: (frames, options, run) => {
    if (options.text("mode") !== "rows") return frames.map((frame) => toColumns(frame, options, run));
    return toRows(frames, options.has("keepLabels") ? options.texts("keepLabels") : undefined, run);
  },
};
