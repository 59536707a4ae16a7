import { compileFieldMatcher } from "../field/field-matcher.ts";
import { columnOf, textOf } from "../frame/column.ts";
import { valueAt } from "../frame/frame.ts";
import type { Options } from "./options.ts";
import type { TransformationKind } from "./transformation.ts";

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
const words = (text: string): string[] => text.split(" ").map(capital);

const formats: Readonly<Record<string, (text: string, options: Options) => string>> = {
  "Upper Case": (text) => text.toUpperCase(),
  "Lower Case": (text) => text.toLowerCase(),
  "Sentence Case": (text) => text.charAt(0).toUpperCase() + text.slice(1),
  "Title Case": (text) => words(text).join(" "),
  "Pascal Case": (text) => words(text).join(""),
  "Camel Case": (text) => {
    const joined = words(text).join("");
    return joined.charAt(0).toLowerCase() + joined.slice(1);
  },
  "Snake Case": (text) => text.toLowerCase().split(" ").join("_"),
  "Kebab Case": (text) => text.toLowerCase().split(" ").join("-"),
  Trim: (text) => text.trim(),
  Substring: (text, options) => text.substring(options.number("substringStart") ?? 0, options.number("substringEnd")),
};

export const formatString: TransformationKind = {
  id: "formatString",
  name: "Format string",
  description: "Change the case of texts, trim or cut them",
  defaultOptions: { stringField: "", outputFormat: "Upper Case" },
  apply: (frames, options) => {
    const id = options.text("outputFormat") ?? "Upper Case";
    if (!Object.hasOwn(formats, id)) return frames;
    const format = formats[id]!;
    const isWanted = compileFieldMatcher({ id: "byName", options: options.text("stringField") ?? "" }, frames)!;
    return frames.map((frame) => ({
      ...frame,
      fields: frame.fields.map((field) => {
        if (!isWanted(field, frame)) return field;
        const texts = Array.from({ length: frame.length }, (_, row) => {
          const value = valueAt(field, row);
          return value === null ? null : format(textOf(value), options);
        });
        return columnOf(field, "string", texts);
      }),
    }));
  },
};
