import type { Frame, JsonObject } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { numberAt, textAt } from "../json-values.ts";
import type { QueryShape, SqlResult } from "../sql/sql-database.ts";
import { wideSeries, withTexts } from "../sql/wide-series.ts";

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
  const { refId, sql, rows, notices } = result;
  const format = formatOf(shape.source);
  const fields = result.takeFields(format === "timeseries");
  const meta = {
    executedQueryString: sql,
    preferredVisualisationType: PANELS[format],
    ...(notices.length > 0 && { notices }),
  };
  if (format !== "timeseries") return { refId, name: refId, length: rows, fields, meta };
  if (rows === 0) return { refId, length: 0, fields: [], meta };
  const wide = yield* wideSeries(fields, shape.budget);
  if (wide === undefined) return { refId, name: refId, length: rows, fields: yield* withTexts(fields), meta };
  return {
    refId,
    name: refId,
    length: wide[0]!.values.length,
    fields: wide,
    meta: { ...meta, type: "timeseries-wide" },
  };
}
