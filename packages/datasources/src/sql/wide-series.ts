import { type Field, isNumeric, type NumericField, type StringField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { ValueBudget } from "../value-budget.ts";
import { longToWide } from "./long-to-wide.ts";

/** Number of rows after which other work may run. */
const STEP_ROWS = 1000;

/**
 * Converts rows of several series to one column for each series. The first column of times is the time, and texts and
 * JSON are labels. Returns undefined if the rows are not those of several series. Throws QueryFailure if the rows do
 * not ascend by time.
 */
export function* wideSeries(fields: readonly Field[], budget: ValueBudget): Steps<readonly NumericField[] | undefined> {
  const plain = yield* withTexts(fields);
  const time = plain.find((field): field is NumericField => field.type === "time");
  const labels = plain.filter((field): field is StringField => field.type === "string");
  const values = plain
    .filter((field) => field !== time && field.type !== "string")
    .map((field) => (isNumeric(field) ? { ...field, type: "number" as const } : asNumbers(field)));
  if (time === undefined || labels.length === 0 || values.length === 0) return undefined;
  return yield* longToWide({ time, labels, values }, undefined, budget);
}

/** Returns columns in which JSON is written as text. */
export function* withTexts(fields: readonly Field[]): Steps<readonly Field[]> {
  const plain: Field[] = [];
  for (const field of fields) plain.push(field.type === "json" ? yield* asTexts(field) : field);
  return plain;
}

function* asTexts({ name, config, values }: Field): Steps<StringField> {
  const texts: (string | null)[] = [];
  for (const value of values as readonly unknown[]) {
    if (texts.length % STEP_ROWS === STEP_ROWS - 1) yield;
    texts.push(value === null ? null : JSON.stringify(value));
  }
  return { name, config, type: "string", values: texts };
}

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
