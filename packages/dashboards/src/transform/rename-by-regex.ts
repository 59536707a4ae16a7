import { FieldNames } from "../display/field-name.ts";
import { compileUserPattern } from "../pattern/user-pattern.ts";
import { TransformationError, type TransformationKind } from "./transformation.ts";

export const renameByRegex: TransformationKind = {
  id: "renameByRegex",
  name: "Rename fields by regex",
  description: "Rename columns by an expression and a template",
  defaultOptions: { regex: "(.*)", renamePattern: "$1" },
  apply: (frames, options) => {
    const regex = options.text("regex") ?? "";
    const pattern = compileUserPattern(regex);
    if (pattern === undefined)
      throw new TransformationError(`"${regex.slice(0, 100)}" is not a valid regular expression`);
    const template = options.text("renamePattern") ?? "";
    return frames.map((frame) => {
      const names = new FieldNames([frame]);
      return {
        ...frame,
        fields: frame.fields.map((field) => {
          const name = names.nameOf(field, frame);
          if (!pattern.test(name)) return field;
          return { ...field, config: { ...field.config, displayName: pattern.replace(name, template) } };
        }),
      };
    });
  },
};
