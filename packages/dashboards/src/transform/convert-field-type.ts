import { compileFieldMatcher } from "../field/field-matcher.ts";
import { columnOf, numericColumn, textOf } from "../frame/column.ts";
import { type Field, type Frame, type FieldType, valueAt } from "../frame/frame.ts";
import { listOf, objectOf } from "../frame/frame-head.ts";
import { ownValue } from "../model/json.ts";
import { formatTime } from "../time/format-time.ts";
import type { Options } from "./options.ts";
import { parseTime } from "./parse-time.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

const valuesOf = (field: Field): unknown[] =>
  Array.from({ length: field.values.length }, (_, row) => valueAt(field, row));

const converted = (field: Field, type: FieldType, values: readonly unknown[]): Field => columnOf(field, type, values);

function toNumber(value: unknown): number | null {
  const plain = typeof value === "string" ? value.replaceAll(",", "") : value;
  if (plain === null || plain === "" || typeof plain === "object") return null;
  const number = Number(plain);
  return Number.isFinite(number) ? number : null;
}

/** Converts times to texts in a format. As in Grafana's tables, a missing time becomes "Invalid date". */
export function timesAsTexts(field: Field, format: string, timeZone: string): Field {
  const texts = valuesOf(field).map((value) => {
    const time = typeof value === "number" ? value : parseTime(value, undefined, timeZone);
    return time === null || !Number.isFinite(time) ? "Invalid date" : formatTime(time, timeZone, format);
  });
  return converted(field, "string", texts);
}

function toText(field: Field, options: Options, timeZone: string): Field {
  if (field.type === "time") return timesAsTexts(field, options.text("dateFormat") ?? "YYYY-MM-DDTHH:mm:ssZ", timeZone);
  const separator = options.text("joinWith");
  const isText = field.type === "string" || field.type === "json" || field.type === "frame";
  return converted(
    field,
    "string",
    valuesOf(field).map((value) => {
      if (Array.isArray(value) && separator !== undefined) return value.map(textOf).join(separator);
      if (isText) return value === null ? "null" : JSON.stringify(value);
      return textOf(value);
    }),
  );
}

function toTime(field: Field, options: Options, timeZone: string): Field {
  const format = options.text("dateFormat");
  if (field.type === "time") return field;
  if (field.type === "number" && format !== "X") return numericColumn(field, "time", field.values, field.nulls);
  return converted(
    field,
    "time",
    valuesOf(field).map((value) => parseTime(value, format, timeZone)),
  );
}

function parsed(value: unknown): unknown {
  try {
    return typeof value === "string" ? (JSON.parse(value) as unknown) : value;
  } catch {
    return null;
  }
}

/**
 * Converts a column to an enumeration: keeps the values that are texts of the enumeration in the options. All other
 * values become null.
 */
function toEnum(field: Field, options: Options): Field {
  const texts = listOf(ownValue(objectOf(options.raw("enumConfig")), "text"));
  if (texts.length === 0) return field;
  const known = new Set(texts.map(textOf));
  const values = valuesOf(field).map(textOf);
  return converted(
    field,
    "string",
    values.map((value) => (known.has(value) ? value : null)),
  );
}

function convert(field: Field, options: Options, run: TransformRun): Field {
  const timeZone = options.text("timezone") ?? run.timeZone;
  switch (options.text("destinationType")) {
    case "time":
      return toTime(field, options, timeZone);
    case "number":
      return converted(field, "number", valuesOf(field).map(toNumber));
    case "string":
      return toText(field, options, timeZone);
    case "boolean":
      return converted(field, "boolean", valuesOf(field).map(Boolean));
    case "enum":
      return toEnum(field, options);
    case "other":
    case "json":
      return converted(field, "json", valuesOf(field).map(parsed));
    default:
      return field;
  }
}

export const convertFieldType: TransformationKind = {
  id: "convertFieldType",
  name: "Convert field type",
  description: "Make columns times, numbers, texts or booleans",
  defaultOptions: { fields: {}, conversions: [] },
  apply: (frames, options, run) => {
    let result: readonly Frame[] = frames;
    for (const conversion of options.parts("conversions")) {
      const name = conversion.text("targetField");
      if (name === undefined) continue;
      const isWanted = compileFieldMatcher({ id: "byName", options: name }, result)!;
      result = result.map((frame) => ({
        ...frame,
        fields: frame.fields.map((field) => (isWanted(field, frame) ? convert(field, conversion, run) : field)),
      }));
    }
    return result;
  },
};
