import { FieldNames } from "../display/field-name.ts";
import { textOf } from "../frame/column.ts";
import type { Field, Frame } from "../frame/frame.ts";
import type { FieldConfig, MappingResult, ThresholdStep } from "../model/field-config.ts";
import type { Options } from "./options.ts";

/** A column whose values become settings of other fields. */
export interface ConfigColumn {
  readonly field: Field;
  readonly name: string;
  /**
   * The setting that the column's values determine: `field.name`, `field.value`, `field.label`, `min`, `unit`,
   * `threshold1` …; undefined for none.
   */
  readonly handler: string | undefined;
  /** Id of the reducer that selects one value if there are several rows. */
  readonly reducer: string;
  readonly thresholdColor: string;
}

const handlers: ReadonlySet<string> = new Set([
  "field.name",
  "field.value",
  "field.label",
  "__ignore",
  "max",
  "min",
  "unit",
  "decimals",
  "displayName",
  "color",
  "threshold1",
  "mappings.value",
  "mappings.color",
  "mappings.text",
]);

/**
 * Returns for each column the setting that its values determine: from the options, or else from the column's name. With
 * `withNameAndValue`, the other columns are used too: the first text column is the name, the first numeric column the
 * value, and the rest are labels.
 */
export function configColumns(frame: Frame, options: Options, withNameAndValue: boolean): ConfigColumn[] {
  const names = new FieldNames([frame]);
  const mappings = options.parts("mappings");
  const byName = new Map(mappings.toReversed().map((mapping) => [mapping.text("fieldName"), mapping]));
  const isMapped = (key: string): boolean => mappings.some((mapping) => mapping.text("handlerKey") === key);
  let hasName = isMapped("field.name");
  let hasValue = isMapped("field.value");
  return frame.fields.map((field) => {
    const name = names.nameOf(field, frame);
    const mapping = byName.get(name);
    const said = mapping === undefined ? name.toLowerCase() : mapping.text("handlerKey");
    let handler = said !== undefined && handlers.has(said) ? said : undefined;
    if (withNameAndValue && handler === undefined) {
      if (mapping === undefined && !hasName && field.type === "string") {
        handler = "field.name";
        hasName = true;
      } else if (mapping === undefined && !hasValue && field.type === "number") {
        handler = "field.value";
        hasValue = true;
      } else handler = "field.label";
    }
    return {
      field,
      name,
      handler,
      reducer: mapping?.text("reducerId") ?? (handler?.startsWith("mappings.") === true ? "allValues" : "lastNotNull"),
      thresholdColor: mapping?.part("handlerArguments").part("threshold").text("color") ?? "red",
    };
  });
}

function numberOf(value: unknown): number | undefined {
  const number =
    typeof value === "boolean" ? Number(value) : typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && !Number.isNaN(number) ? number : undefined;
}

function mappingOf(values: unknown[], colors: unknown, texts: unknown): FieldConfig["mappings"] {
  const at = (list: unknown, i: number): string | undefined =>
    Array.isArray(list) && list[i] !== null && list[i] !== undefined ? textOf(list[i]) : undefined;
  const results = values.flatMap((value, index): [string, MappingResult][] => {
    if (value === null || value === undefined) return [];
    const [color, text] = [at(colors, index), at(texts, index)];
    return [
      [textOf(value), { index, ...(color === undefined ? {} : { color }), ...(text === undefined ? {} : { text }) }],
    ];
  });
  return [{ type: "value", options: Object.fromEntries(results) }];
}

/** Converts the values of a row to field settings. */
export function configOf(columns: readonly ConfigColumn[], valueOf: (column: ConfigColumn) => unknown): FieldConfig {
  const config: Record<string, unknown> = {};
  const steps: ThresholdStep[] = [];
  const lists = new Map<string, unknown>();
  for (const column of columns) {
    const value = valueOf(column);
    if (column.handler === undefined || value === null || value === undefined) continue;
    const number = numberOf(value);
    switch (column.handler) {
      case "max":
      case "min":
        if (number !== undefined) config[column.handler] = number;
        break;
      case "decimals":
        if (number !== undefined && Number.isInteger(number) && number >= 0 && number <= 15)
          config["decimals"] = number;
        break;
      case "unit":
      case "displayName":
        config[column.handler] = textOf(value);
        break;
      case "color":
        config["color"] = { mode: "fixed", fixedColor: textOf(value) };
        break;
      case "threshold1":
        if (number !== undefined) steps.push({ value: number, color: column.thresholdColor });
        break;
      default:
        if (Array.isArray(value)) lists.set(column.handler, value);
    }
  }
  if (steps.length > 0) config["thresholds"] = { mode: "absolute", steps };
  const values = lists.get("mappings.value");
  if (Array.isArray(values)) {
    config["mappings"] = mappingOf(values, lists.get("mappings.color"), lists.get("mappings.text"));
  }
  return config;
}
