import { type Field, type Frame, isNumeric, type NumericField, type StringField } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";
import { longToWide } from "../sql/long-to-wide.ts";
import { MAX_ROWS } from "../sql/result-frame.ts";
import type { QueryShape, SqlResult } from "../sql/sql-database.ts";

/** Number of rows that one step of the conversion reads. */
const STEP_ROWS = 5000;

/**
 * Returns the frames for a result as Grafana's SQLite plugin does: one table, or for queries of the type "time series" a
 * frame with the time and one value column for each series.
 */
export function* shapeSqliteResult(result: SqlResult, shape: QueryShape): Steps<readonly Frame[]> {
  const { refId, sql, notices } = result;
  const meta = { executedQueryString: sql, ...(notices.length > 0 && { notices }) };
  const frame = (fields: readonly Field[], length: number): Frame => ({ refId, length, fields, meta });
  const names = timeColumns(shape.source["timeColumns"]);
  const isSeries = shape.source["queryType"] === "time series";
  const given = result.takeFields(isSeries);
  let fields: readonly Field[] = given.map((field) => (names.has(field.name) ? timeField(field) : field));
  yield;
  if (shape.fill !== undefined) fields = yield* withMissingRows(fields, names, shape.fill.intervalMs, shape);
  const rows = fields[0]?.values.length ?? 0;
  if (!isSeries) return [frame(fields, rows)];
  if (rows === 0) return [];
  const [time, series] = yield* seriesOf(fields, shape);
  return series.map((one) => frame([time, one], time.values.length));
}

const timeColumns = (value: unknown): ReadonlySet<string> =>
  new Set(Array.isArray(value) ? value.filter((name): name is string => typeof name === "string") : []);

/** Returns the time column and the value columns of a result. Texts become labels. */
function* seriesOf(
  fields: readonly Field[],
  { budget }: QueryShape,
): Steps<readonly [NumericField, readonly NumericField[]]> {
  const time = fields.find((field): field is NumericField => field.type === "time");
  const values = fields.filter((field): field is NumericField => field.type === "number");
  const labels = fields.filter((field): field is StringField => field.type === "string");
  if (time === undefined || values.length === 0)
    throw new QueryFailure(
      400,
      "can not convert to wide series, expected long format series input but got not a time series; " +
        "name the column with the time under time columns, and select a number",
    );
  if (labels.length === 0) return [time, values];
  const [wideTime, ...wide] = yield* longToWide({ time, labels, values }, undefined, budget);
  return [
    wideTime,
    wide.filter(({ labels: of, nulls }) => of?.["name"] !== "" || nulls === undefined || nulls.includes(0)),
  ];
}

/** Returns a column as times. Numbers are Unix times in seconds; texts are such numbers, or times of RFC 3339. */
function timeField(field: Field): Field {
  if (field.type !== "string" && !isNumeric(field)) return field;
  const { name, config } = field;
  const values = new Float64Array(field.values.length);
  const nulls = isNumeric(field) && field.nulls !== undefined ? field.nulls.slice() : new Uint8Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = field.values[row];
    const ms = typeof value === "string" ? epochMs(value) : 1000 * (value ?? Number.NaN);
    if (Number.isFinite(ms)) values[row] = Math.trunc(ms);
    else nulls[row] = 1;
  }
  return { name, config, type: "time", values, ...(nulls.includes(1) && { nulls }) };
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

const epochMs = (text: string): number =>
  RFC_3339.test(text) ? Date.parse(text) : text.trim() === "" ? Number.NaN : 1000 * Number(text);

/**
 * Inserts rows where two consecutive rows are more than an interval apart. Only the time of an inserted row is set. Rows must ascend by time. Throws QueryFailure.
 */
function* withMissingRows(
  fields: readonly Field[],
  names: ReadonlySet<string>,
  intervalMs: number,
  { budget }: QueryShape,
): Steps<readonly Field[]> {
  const time = fields.find((field): field is NumericField => field.type === "time" && names.has(field.name));
  if (time === undefined) throw new QueryFailure(400, "no time column found to use for gap filling");
  if (time.values.length < 2) return fields;
  // For each new row: the row of the result, or -1, and its time.
  const sources: number[] = [];
  const times: number[] = [];
  for (let row = 0; row < time.values.length; row++) {
    if (row % STEP_ROWS === 0) yield;
    if (time.nulls?.[row] === 1) throw new QueryFailure(400, "received NULL value in time column");
    const at = time.values[row]!;
    const before = row === 0 ? at : time.values[row - 1]!;
    if (before > at)
      throw new QueryFailure(400, "received unordered time value. The time column needs to be sorted ascending");
    if ((at - before) / intervalMs > MAX_ROWS - times.length)
      throw new QueryFailure(422, `the interval is so short that more than ${MAX_ROWS} rows would be inserted`);
    // Far from 1970, an addition can be smaller than the distance between two numbers, and the time would not advance.
    const added = Math.ceil((at - before) / intervalMs) - 1;
    for (let step = 1; step <= added; step++) {
      sources.push(-1);
      times.push(before + step * intervalMs);
      if (times.length % STEP_ROWS === 0) yield;
    }
    sources.push(row);
    times.push(at);
  }
  budget.take(fields.length * (times.length - time.values.length));
  const filled: Field[] = [];
  for (const field of fields) {
    filled.push(field === time ? { ...time, values: Float64Array.from(times) } : spread(field, sources));
    yield;
  }
  return filled;
}

/** Returns a column with a null at each inserted row. */
function spread(field: Field, sources: readonly number[]): Field {
  if (!isNumeric(field)) {
    const values = sources.map((row) => (row < 0 ? null : field.values[row]));
    return { ...field, values } as Field;
  }
  const values = Float64Array.from(sources, (row) => (row < 0 ? 0 : field.values[row]!));
  const nulls = Uint8Array.from(sources, (row) => (row < 0 ? 1 : (field.nulls?.[row] ?? 0)));
  return { ...field, values, nulls };
}
