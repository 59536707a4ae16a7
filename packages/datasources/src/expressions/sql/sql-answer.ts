import type { Field, Frame, JsonObject, NumericField } from "@narthex/dashboards";
import { textAt } from "../../json-values.ts";
import { QueryFailure } from "../../query-failure.ts";
import type { SqlRows } from "../../sql-engine.ts";
import type { ExpressionItem, ExpressionValue } from "../expression-value.ts";
import { epochOf } from "./mysql-times.ts";
import { columnName } from "./to-sqlite.ts";

/** A time as the tables of SQL expressions contain it: with seconds. */
const FULL_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const MAX_NAMED = 5;
/** Largest number of values and labels of a table that another expression reads. */
const MAX_READ = 1_000_000;

/** Returns the table of a SQL expression, or a number for each row if the query has the format `alerting`. */
export function framesOfSql(refId: string, source: JsonObject, reader: SqlRows): readonly Frame[] {
  const { rows: length, notices } = reader;
  const fields = reader.takeFields().map(withTimes);
  const meta = { executedQueryString: textAt(source, "expression"), ...(notices.length > 0 && { notices }) };
  if (textAt(source, "format") !== "alerting" || length === 0) return [{ refId, length, fields, meta }];
  const [value, ...more] = fields.filter((field): field is NumericField => field.type === "number");
  if (value === undefined || more.length > 0)
    throw new QueryFailure(
      400,
      `a SQL expression of the format "alerting" selects exactly one column of numbers, but the result has ${value === undefined ? 0 : more.length + 1}`,
    );
  const numbers = rowsAsItems(labelsOfRows(fields, length), value);
  const names = new Set<string>();
  const repeated = new Set<string>();
  for (const { labels } of numbers) {
    const key = JSON.stringify(labels);
    if (names.has(key)) repeated.add(key);
    names.add(key);
  }
  if (repeated.size > 0)
    throw new QueryFailure(
      400,
      `rows of the SQL expression have the same texts: ${[...repeated].slice(0, MAX_NAMED).join(", ")}; group the rows by these columns`,
    );
  return numbers.map(({ labels, values }): Frame => ({
    refId,
    length: 1,
    meta: { type: "numeric-multi" },
    fields: [{ ...value, values, labels }],
  }));
}

/** Returns a column of texts that are all times as a column of times. */
function withTimes(field: Field): Field {
  const named = { ...field, name: columnName(field.name) };
  if (named.type !== "string") return named;
  const isNamedTime = named.name.toLowerCase() === "time";
  const isTime = (text: string | null): boolean =>
    text === null || FULL_TIME.test(text) || (isNamedTime && DATE.test(text));
  if (!named.values.some((text) => text !== null) || !named.values.every(isTime)) return named;
  const values = new Float64Array(named.values.length);
  const nulls = new Uint8Array(values.length);
  named.values.forEach((text, row) => {
    const ms = text === null ? undefined : epochOf(text);
    if (ms === undefined) nulls[row] = 1;
    else values[row] = ms;
  });
  return { name: named.name, config: {}, type: "time", values, ...(nulls.includes(1) && { nulls }) };
}

/**
 * Returns the table of a SQL expression as the value of another expression. Texts are labels. With a column of times, the
 * rows of the same labels are a series, otherwise each row is a number.
 */
export function valueOfTable({ fields, length }: Frame): ExpressionValue {
  const time = fields.find((field): field is NumericField => field.type === "time");
  const numbers = fields.filter((field): field is NumericField => field.type === "number");
  if (numbers.length * length > MAX_READ)
    throw new QueryFailure(422, `the table has more than ${MAX_READ} numbers; select fewer rows or columns`);
  const labels = labelsOfRows(fields, length);
  return numbers.flatMap((value) => {
    const rows = rowsAsItems(labels, value);
    return time === undefined ? rows : groupedByLabels(rows, time);
  });
}

/** Returns the texts of each row as labels. The numbers of a row share them. */
function labelsOfRows(fields: readonly Field[], length: number): readonly ExpressionItem["labels"][] {
  const texts = fields.filter((field) => field.type === "string");
  if (texts.length * length > MAX_READ)
    throw new QueryFailure(422, `the table has more than ${MAX_READ} texts; select fewer rows or columns`);
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(
      texts.flatMap(({ name, values }) => {
        const text = values[row] ?? null;
        return text === null ? [] : [[name, text]];
      }),
    ),
  );
}

const rowsAsItems = (
  labels: readonly ExpressionItem["labels"][],
  { nulls, values }: NumericField,
): readonly ExpressionItem[] =>
  labels.map((own, row) => ({ labels: own, values: Float64Array.of(nulls?.[row] === 1 ? Number.NaN : values[row]!) }));

function groupedByLabels(rows: readonly ExpressionItem[], time: NumericField): readonly ExpressionItem[] {
  const groups = Map.groupBy(rows.keys(), (row) => JSON.stringify(rows[row]!.labels));
  return [...groups.values()].map((group) => {
    const known = group.filter((row) => time.nulls?.[row] !== 1);
    const sorted = known.toSorted((a, b) => time.values[a]! - time.values[b]!);
    return {
      labels: rows[group[0]!]!.labels,
      times: Float64Array.from(sorted, (row) => time.values[row]!),
      values: Float64Array.from(sorted, (row) => rows[row]!.values[0]!),
    };
  });
}
