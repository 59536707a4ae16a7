import { type JsonObject, parseInterval } from "@narthex/dashboards";
import type { DataSourceSettings } from "../data-source.ts";
import { flagAt, numberAt, textAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { destinationsOf } from "./exemplar-frames.ts";
import { DEFAULT_SCRAPE_MS } from "./query-step.ts";

/** Settings of a source that answers as Prometheus does. */
export interface PrometheusSettings {
  readonly method: "GET" | "POST";
  /** How often targets are scraped, ms. */
  readonly scrapeMs: number;
  /** As the server takes it, `60s`; "" leaves it to the server. */
  readonly queryTimeout: string;
  readonly requestTimeoutMs: number;
  /** Series and labels that are asked for at most; 0: all. */
  readonly seriesLimit: number;
  /** Label values come of the series endpoint, for servers whose other one knows no selector. */
  readonly usesSeriesEndpoint: boolean;
  /** Answers of ranges are kept, and but their ends are asked again. */
  readonly keepsRanges: boolean;
  readonly overlapMs: number;
  readonly customQueryParameters: string;
  readonly destinations: readonly JsonObject[];
}

const DEFAULT_SERIES_LIMIT = 40_000;
const DEFAULT_OVERLAP_MS = 600_000;

/** @param timeoutMs of requests where the settings say nothing */
export function prometheusSettings(settings: DataSourceSettings, timeoutMs?: number): PrometheusSettings {
  const { jsonData } = settings;
  const queryTimeout = textAt(jsonData, "queryTimeout");
  const limit = numberAt(jsonData, "seriesLimit") ?? DEFAULT_SERIES_LIMIT;
  return {
    method: textAt(jsonData, "httpMethod").toUpperCase() === "GET" ? "GET" : "POST",
    scrapeMs: parseInterval(textAt(jsonData, "timeInterval")) ?? DEFAULT_SCRAPE_MS,
    queryTimeout,
    requestTimeoutMs: requestTimeoutMs(settings, parseInterval(queryTimeout), timeoutMs),
    seriesLimit: Math.max(0, Math.floor(limit)),
    usesSeriesEndpoint: flagAt(jsonData, "seriesEndpoint") === true,
    keepsRanges: flagAt(jsonData, "incrementalQuerying") !== false,
    overlapMs: parseInterval(textAt(jsonData, "incrementalQueryOverlapWindow")) ?? DEFAULT_OVERLAP_MS,
    customQueryParameters: textAt(jsonData, "customQueryParameters"),
    destinations: destinationsOf(jsonData),
  };
}
