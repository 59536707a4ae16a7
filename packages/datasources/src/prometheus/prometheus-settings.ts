import { type JsonObject, parseInterval } from "@narthex/dashboards";
import type { DataSourceSettings } from "../data-source.ts";
import { flagAt, numberAt, textAt } from "../json-values.ts";
import { requestTimeoutMs } from "../outgoing/http-settings.ts";
import { destinationsOf } from "./exemplar-frames.ts";
import { DEFAULT_SCRAPE_MS } from "./query-step.ts";

/** Settings of a source that is compatible with Prometheus. */
export interface PrometheusSettings {
  readonly method: "GET" | "POST";
  /** Scrape interval of the targets, ms. */
  readonly scrapeMs: number;
  /** In the server's format, `60s`; "" uses the server's default. */
  readonly queryTimeout: string;
  readonly requestTimeoutMs: number;
  /** Largest number of series and labels to request; 0 for all. */
  readonly seriesLimit: number;
  /** Whether label values are read from the series endpoint, for servers whose label endpoint supports no selector. */
  readonly usesSeriesEndpoint: boolean;
  /** Whether answers of ranges are cached, so that only their ends are queried again. */
  readonly keepsRanges: boolean;
  readonly overlapMs: number;
  readonly customQueryParameters: string;
  readonly destinations: readonly JsonObject[];
}

const DEFAULT_SERIES_LIMIT = 40_000;
const DEFAULT_OVERLAP_MS = 600_000;

/** @param timeoutMs of requests if the settings have none */
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
