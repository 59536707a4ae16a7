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
  /** Query timeout that is sent to the server, such as `60s`. If empty, the server's default applies. */
  readonly queryTimeout: string;
  readonly requestTimeoutMs: number;
  /** Limit that requests send to the server, for the number of series or labels in its answer; 0 for no limit. */
  readonly seriesLimit: number;
  /**
   * Whether label values are read from the endpoint for series. Needed for servers whose endpoint for label values
   * supports no selector.
   */
  readonly usesSeriesEndpoint: boolean;
  /** Whether answers to range queries are cached, so that a refresh queries only the end of the range. */
  readonly keepsRanges: boolean;
  readonly overlapMs: number;
  readonly customQueryParameters: string;
  readonly destinations: readonly JsonObject[];
}

const DEFAULT_SERIES_LIMIT = 40_000;
const DEFAULT_OVERLAP_MS = 600_000;

/** @param timeoutMs timeout of requests if the settings contain none */
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
