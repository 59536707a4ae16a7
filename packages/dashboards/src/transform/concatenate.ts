import { pickRows, withAbsent } from "../frame/column.ts";
import type { Field, Frame } from "../frame/frame.ts";
import type { TransformationKind } from "./transformation.ts";

export const concatenate: TransformationKind = {
  id: "concatenate",
  name: "Concatenate fields",
  description: "Put the columns of all answers into one table",
  defaultOptions: { frameNameMode: "field", frameNameLabel: "frame" },
  apply: (frames, options, run) => {
    if (frames.length < 2) return frames;
    const mode = options.text("frameNameMode");
    const label = options.text("frameNameLabel") ?? "frame";
    const length = frames.reduce((most, frame) => Math.max(most, frame.length), 0);
    run.claim(length * frames.reduce((sum, { fields }) => sum + fields.length, 0));
    const named = (field: Field, { name }: Frame): Field => {
      if (name === undefined || name === "" || mode === "drop") return field;
      if (mode === "label") return { ...field, labels: { ...field.labels, [label]: name } };
      return { ...field, name: field.name === "" || field.name === "Value" ? name : `${name} · ${field.name}` };
    };
    const fields = frames.flatMap((frame) => {
      const rows =
        frame.length === length ? undefined : Int32Array.from({ length }, (_, row) => (row < frame.length ? row : -1));
      const filled = (field: Field): Field =>
        rows === undefined
          ? field
          : withAbsent(pickRows(field, rows), (row) => row >= frame.length || field.absent?.[row] === 1);
      return frame.fields.map((field) => named(filled(field), frame));
    });
    return [{ fields, length }];
  },
};
