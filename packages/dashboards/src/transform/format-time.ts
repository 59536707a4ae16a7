import { FieldNames } from "../display/field-name.ts";
import { timesAsTexts } from "./convert-field-type.ts";
import type { TransformationKind } from "./transformation.ts";

export const formatTimes: TransformationKind = {
  id: "formatTime",
  name: "Format time",
  description: "Make texts of times by a format",
  defaultOptions: { timeField: "", outputFormat: "", useTimezone: true },
  apply: (frames, options, run) => {
    const wanted = options.text("timeField");
    const format = options.text("outputFormat") ?? "YYYY-MM-DDTHH:mm:ssZ";
    const timeZone = options.text("timezone") ?? run.timeZone;
    const names = new FieldNames(frames);
    return frames.map((frame) => ({
      ...frame,
      fields: frame.fields.map((field) =>
        field.type === "time" && names.nameOf(field, frame) === wanted ? timesAsTexts(field, format, timeZone) : field,
      ),
    }));
  },
};
