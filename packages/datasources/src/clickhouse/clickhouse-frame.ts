import {
  type Field,
  type Frame,
  isNumeric,
  type JsonObject,
  type NumericField,
  type StringField,
} from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { numberAt, textAt } from "../json-values.ts";
import { longToWide } from "../sql/long-to-wide.ts";
import type { QueryShape, SqlResult } from "../sql/sql-database.ts";

type Format = "timeseries" | "table" | "logs" | "traces";

/** Formats by their number in targets. */
const FORMATS: readonly Format[] = ["timeseries", "table", "logs", "traces"];
/** The kinds of panels that the formats suggest. */
const PANELS: Readonly<Record<Format, string>> = { timeseries: "graph", table: "table", logs: "logs", traces: "trace" };

/** Returns the format of a target: its number, or a name. Default: time series. */
export function formatOf(target: JsonObject): Format {
  const numbered = FORMATS[numberAt(target, "format") ?? -1];
  if (numbered !== undefined) return numbered;
  const name = textAt(target, "format") || textAt(target, "queryType");
  return FORMATS.find((format) => format === name) ?? "timeseries";
}

/**
 * Returns the frame of a result, as Grafana's plugin does. In time series, rows of several series become one column for
 * each series: texts are labels, and the first column of times is the time of a row.
 */
export function* clickhouseFrames(result: SqlResult, shape: QueryShape): Steps<readonly Frame[]> {
  return [yield* frameOf(result, shape)];
}

function* frameOf(result: SqlResult, shape: QueryShape): Steps<Frame> {
  const { refId, sql, fields, rows, notices } = result;
  const format = formatOf(shape.source);
  const meta = {
    executedQueryString: sql,
    preferredVisualisationType: PANELS[format],
    ...(notices.length > 0 && { notices }),
  };
  if (format !== "timeseries") return { refId, name: refId, length: rows, fields, meta };
  if (rows === 0) return { refId, length: 0, fields: [], meta };
  const plain = fields.map((field) => (field.type === "json" ? asTexts(field) : field));
  const long = longOf(plain);
  if (long === undefined) return { refId, name: refId, length: rows, fields: plain, meta };
  const wide = yield* longToWide(long, undefined, shape.budget);
  return {
    refId,
    name: refId,
    length: wide[0].values.length,
    fields: wide,
    meta: { ...meta, type: "timeseries-wide" },
  };
}

/** Returns the parts of a frame with rows of several series, or undefined for other frames. */
function longOf(fields: readonly Field[]) {
  const time = fields.find((field): field is NumericField => field.type === "time");
  const labels = fields.filter((field): field is StringField => field.type === "string");
  const values = fields
    .filter((field) => field !== time && field.type !== "string")
    .map((field) => (isNumeric(field) ? { ...field, type: "number" as const } : asNumbers(field)));
  return time === undefined || labels.length === 0 || values.length === 0 ? undefined : { time, labels, values };
}

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
