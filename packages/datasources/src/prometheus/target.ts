import type { JsonObject } from "@narthex/dashboards";
import { asObject, flagAt, listAt, numberAt, textAt, textsAt } from "../json-values.ts";

/** A filter of the dashboard that is added to every selector. */
export interface AdHocFilter {
  readonly key: string;
  /** One of `=`, `!=`, `=~`, `!~`, `=|` and `!=|`. The last two compare the label with the list `values`. */
  readonly operator: string;
  readonly value: string;
  readonly values: readonly string[];
}

/** A target in the form in which Grafana's query editor for Prometheus saves it. */
export interface PrometheusTarget {
  readonly expr: string;
  readonly range: boolean;
  readonly instant: boolean;
  readonly exemplar: boolean;
  readonly format: "time_series" | "table" | "heatmap";
  /** The configured minimum step, a duration as text. */
  readonly interval: string;
  readonly intervalFactor: number;
  readonly legendFormat: string;
  /** Offset of local time from UTC in seconds. Steps are aligned to local time. */
  readonly utcOffsetSec: number;
  /** The filters that dashboards add. As in Grafana, their key in the query is `adhocFilters`. */
  readonly adHocFilters: readonly AdHocFilter[];
}

const FORMATS: ReadonlySet<string> = new Set(["table", "heatmap"]);
/** Largest offset from UTC that is accepted, in seconds; all time zones have smaller ones. */
const MAX_OFFSET_SEC = 86_400;

/** Reads a target. Values of a wrong type are treated as absent. */
export function readTarget(source: JsonObject): PrometheusTarget {
  const instant = flagAt(source, "instant") === true;
  const exemplar = flagAt(source, "exemplar") === true;
  const format = textAt(source, "format");
  const factor = numberAt(source, "intervalFactor") ?? 1;
  const offset = numberAt(source, "utcOffsetSec") ?? 0;
  return {
    expr: textAt(source, "expr"),
    // Targets in old dashboards have neither `range` nor `instant`, and are range queries.
    range: flagAt(source, "range") === true || !instant,
    instant,
    exemplar,
    format: FORMATS.has(format) ? (format as "table" | "heatmap") : "time_series",
    interval: textAt(source, "interval"),
    intervalFactor: factor >= 1 ? Math.floor(factor) : 1,
    legendFormat: textAt(source, "legendFormat"),
    utcOffsetSec: Math.abs(offset) <= MAX_OFFSET_SEC ? Math.trunc(offset) : 0,
    adHocFilters: listAt(source, "adhocFilters").flatMap((one) => readFilter(asObject(one))),
  };
}

function readFilter(source: JsonObject | undefined): readonly AdHocFilter[] {
  if (source === undefined) return [];
  const key = textAt(source, "key");
  if (key === "") return [];
  const operator = textAt(source, "operator");
  return [
    {
      key,
      operator: operator === "" ? "=" : operator,
      value: textAt(source, "value"),
      values: textsAt(source, "values"),
    },
  ];
}
