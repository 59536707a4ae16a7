import {
  type Field,
  type Frame,
  isNumeric,
  type Notice,
  type NumericField,
  type StringField,
} from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { TimeRange } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";
import type { ValueBudget } from "../value-budget.ts";
import { fillFrame, filledRows } from "./fill-frame.ts";
import { longToWide } from "./long-to-wide.ts";
import type { Fill } from "./macros.ts";
import { MAX_ROWS } from "./result-frame.ts";
import type { SqlResult } from "./sql-database.ts";

export interface ResultShape {
  readonly format: "table" | "time_series";
  readonly timeColumns: readonly string[];
  readonly fill: Fill | undefined;
  readonly range: TimeRange;
  readonly budget: ValueBudget;
}

/**
 * Returns the frame for the result of a query, as Grafana's server does: a table, or time series with a column for each
 * series. Throws QueryFailure if the result has no time column but should be time series.
 */
export function* shapeResult(result: SqlResult, shape: ResultShape): Steps<Frame> {
  const { refId, sql, rows } = result;
  const notices = [...result.notices];
  const frame = (fields: readonly Field[], length: number, type?: "timeseries-wide"): Frame => ({
    refId,
    length,
    fields,
    meta: { ...(type !== undefined && { type }), executedQueryString: sql, ...(notices.length > 0 && { notices }) },
  });
  if (rows === 0) return frame([], 0);
  const isTable = shape.format === "table";
  const given = result.takeFields(!isTable);
  const timeAt = given.findLastIndex(({ name }) => shape.timeColumns.includes(name));
  const fields = given.map((field, at) => {
    const isEnd = isTable && field.name.toLowerCase() === "timeend";
    return at === timeAt || isEnd ? timeField(field) : field;
  });
  if (isTable) return frame(fields, rows);
  if (timeAt < 0)
    throw new QueryFailure(
      400,
      "db has no time column: time column is missing; make sure your data includes a time column for time series " +
        "format or switch to a table format that doesn't require it",
    );
  return yield* timeSeries(fields, timeAt);

  function* timeSeries(all: readonly Field[], at: number): Steps<Frame> {
    const time: NumericField = { ...(all[at] as NumericField), name: "Time" };
    const columns = all.map((field, i) => (i === at ? time : field.type === "string" ? field : numberField(field)));
    const labels = columns.filter((field): field is StringField => field.type === "string");
    const values = columns.filter((field): field is NumericField => field.type === "number");
    if (values.length === 0) {
      if (shape.fill !== undefined) notices.push(warning("Failed to resample dataframe"));
      return frame(columns, rows);
    }
    if (labels.length === 0) return yield* filled([time, ...values], columns);
    const long = { time, labels, values };
    const wide = yield* longToWide(long, shape.fill, shape.budget);
    const [wideTime, ...series] = wide;
    const named = columns.length === 3 ? series.map(namedByMetric) : series;
    return yield* filled([wideTime, ...named], undefined);
  }

  /** Fills missing rows. `columns` are the columns of a frame that is not converted, in their order. */
  function* filled(
    wide: readonly [NumericField, ...NumericField[]],
    columns: readonly Field[] | undefined,
  ): Steps<Frame> {
    const type = columns === undefined ? "timeseries-wide" : undefined;
    const unfilled = (): Frame => frame(columns ?? wide, wide[0].values.length, type);
    if (shape.fill === undefined) return unfilled();
    if (filledRows(shape.range, shape.fill) > MAX_ROWS) {
      notices.push(
        warning(
          "Fill operation skipped: time range and interval would require more points than the configured row limit",
        ),
      );
      return unfilled();
    }
    const more = yield* fillFrame(wide, shape.fill, shape.range, shape.budget);
    if (more === undefined) notices.push(warning("Failed to resample dataframe"));
    return more === undefined ? unfilled() : frame(inOrder(more, wide, columns), more[0].values.length, type);
  }
}

const warning = (text: string): Notice => ({ severity: "warning", text });

/** Returns the filled columns in their original order. */
function inOrder(
  filled: readonly NumericField[],
  before: readonly NumericField[],
  columns: readonly Field[] | undefined,
): readonly Field[] {
  if (columns === undefined) return filled;
  return columns.map((column) => filled[before.indexOf(column as NumericField)]!);
}

/** Uses the value of the label `metric` as the name of a series that has no other label, as old dashboards expect. */
function namedByMetric(field: NumericField): NumericField {
  const { labels, ...rest } = field;
  const keys = Object.keys(labels ?? {});
  return keys.length === 1 && keys[0] === "metric" ? { ...rest, name: labels!["metric"]! } : field;
}

/** Returns a column as times. Numbers are Unix times in seconds, milliseconds or nanoseconds. */
function timeField(field: Field): NumericField {
  if (field.type === "time") return field;
  const numbers = numberField(field, () => {
    throw new QueryFailure(
      400,
      "converting time columns failed: failed to convert time column: unable to convert data to a time field",
    );
  });
  return { ...numbers, type: "time", values: numbers.values.map((value) => Math.trunc(epochMs(value))) };
}

/** Converts a Unix time to epoch ms. As in Grafana, the magnitude of the number determines its unit. */
function epochMs(value: number): number {
  const size = Math.abs(value);
  if (size >= 1e9 && size < 1e10) return value * 1000;
  return size >= 1e18 && size < 1e19 ? value / 1e6 : value;
}

/**
 * Returns a column as numbers.
 * @param onText called for a text that is not a number
 */
function numberField(field: Field, onText?: () => never): NumericField {
  if (isNumeric(field)) return { ...field, type: "number" };
  const values = new Float64Array(field.values.length);
  const nulls = new Uint8Array(field.values.length);
  for (let row = 0; row < values.length; row++) {
    const value = field.values[row];
    if (value === null || value === undefined) nulls[row] = 1;
    else values[row] = Number(value);
    if (Number.isNaN(values[row]) || value === "") onText?.();
  }
  return { name: field.name, config: field.config, type: "number", values, ...(nulls.includes(1) && { nulls }) };
}
