import type { JsonObject } from "@narthex/dashboards";
import { flagAt, numberAt, objectsAt, textAt, textsAt } from "../json-values.ts";

/** Numbers of traces, and of spans of a trace, in the answer to a search that sets no others. */
const DEFAULT_LIMIT = 20;
const DEFAULT_SPANS = 3;
/** Largest number of traces, and of spans of a trace, that a search returns. */
const MAX_LIMIT = 5000;
const MAX_SPANS = 1000;

/** A target in the form in which Grafana's query editor for Tempo saves it. */
export interface TempoTarget {
  readonly queryType: string;
  /** A query in TraceQL, or the id of a trace. */
  readonly query: string;
  readonly limit: number;
  readonly spansPerTrace: number;
  readonly tableType: "traces" | "spans" | "raw";
  readonly isInstant: boolean;
  /** Step of a metrics query, a duration as text. Empty means the step that suits the panel's width. */
  readonly step: string;
  /** Filters of a search without a query in TraceQL. */
  readonly filters: readonly JsonObject[];
  /** Selectors of series of the service graph. */
  readonly serviceMapSelectors: readonly string[];
  readonly includesNamespace: boolean;
}

const bounded = (wanted: number | undefined, usual: number, most: number): number =>
  wanted !== undefined && wanted >= 1 ? Math.min(most, Math.floor(wanted)) : usual;

/** Reads a target. Values of a wrong type are treated as absent. */
export function readTempoTarget(source: JsonObject): TempoTarget {
  const tableType = textAt(source, "tableType");
  const selector = textAt(source, "serviceMapQuery");
  return {
    queryType: textAt(source, "queryType"),
    query: textAt(source, "query").trim(),
    limit: bounded(numberAt(source, "limit"), DEFAULT_LIMIT, MAX_LIMIT),
    spansPerTrace: bounded(numberAt(source, "spss"), DEFAULT_SPANS, MAX_SPANS),
    tableType: tableType === "spans" || tableType === "raw" ? tableType : "traces",
    isInstant: textAt(source, "metricsQueryType") === "instant",
    step: textAt(source, "step").trim(),
    filters: objectsAt(source, "filters"),
    serviceMapSelectors: selector === "" ? textsAt(source, "serviceMapQuery") : [selector],
    includesNamespace: flagAt(source, "serviceMapIncludeNamespace") === true,
  };
}
