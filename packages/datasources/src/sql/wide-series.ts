import { type Field, isNumeric, type NumericField, type StringField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { ValueBudget } from "../value-budget.ts";
import { longToWide } from "./long-to-wide.ts";

/**
 * Converts rows of several series to one column for each series. The first column of times is the time, and texts and
 * JSON are labels. Returns undefined if the rows are not those of several series. Throws QueryFailure if the rows do
 * not ascend by time.
 */
export function* wideSeries(fields: readonly Field[], budget: ValueBudget): Steps<readonly NumericField[] | undefined> {
  const plain = withTexts(fields);
  const time = plain.find((field): field is NumericField => field.type === "time");
  const labels = plain.filter((field): field is StringField => field.type === "string");
  const values = plain
    .filter((field) => field !== time && field.type !== "string")
    .map((field) => (isNumeric(field) ? { ...field, type: "number" as const } : asNumbers(field)));
  if (time === undefined || labels.length === 0 || values.length === 0) return undefined;
  return yield* longToWide({ time, labels, values }, undefined, budget);
}

/** Returns columns in which JSON is written as text. */
export const withTexts = (fields: readonly Field[]): readonly Field[] =>
  fields.map((field) => (field.type === "json" ? asTexts(field) : field));

const asTexts = ({ name, config, values }: Field): StringField => ({
  name,
  config,
  type: "string",
  values: Array.from(values as readonly unknown[], (value) => (value === null ? null : JSON.stringify(value))),
});

/** Returns a column of booleans as numbers. */
function asNumbers({ name, config, values }: Field): NumericField {
  const given = values as readonly unknown[];
  const nulls = Uint8Array.from(given, (value) => (value === null ? 1 : 0));
  return {
    name,
    config,
    type: "number",
    values: Float64Array.from(given, Number),
    ...(nulls.includes(1) && { nulls }),
  };
}
