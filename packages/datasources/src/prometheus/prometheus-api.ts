import type { JsonCursor } from "@narthex/http/answer";
import type { Labels } from "@narthex/dashboards";
import type { Clock } from "@narthex/runtime";
import type { CountBytes } from "../cache/query-slots.ts";
import type { MetricAnswer, TimeRange } from "../data-source.ts";
import type { SourceClient, SourceResponse } from "../outgoing/source-client.ts";
import { type Exemplar, readExemplars } from "./exemplar-frames.ts";
import { MetricListing, readMetadata } from "./metric-listing.ts";
import type { PrometheusSettings } from "./prometheus-settings.ts";
import { readList, readQueryResult } from "./read-answer.ts";
import { readLabels } from "./series-reader.ts";
import type { QueryResult } from "./series.ts";

/**
 * Labels that are listed even if all series of a metric have the same value. These labels distinguish parts of a
 * metric, or its instances.
 */
const KEPT_LABELS: ReadonlySet<string> = new Set(["le", "quantile", "instance"]);

/** Options of an API call: the signal that aborts it, and the function that counts the bytes of the answer. */
export interface ApiCall {
  readonly signal: AbortSignal;
  readonly count?: CountBytes;
}

/** The calls of Prometheus' HTTP API that a source makes. A failed call rejects with QueryFailure. */
export type PrometheusCalls = Pick<
  PrometheusApi,
  "instant" | "range" | "exemplars" | "labelNames" | "labelValues" | "series" | "metrics" | "close"
>;

/** The HTTP API of Prometheus. A failed call rejects with QueryFailure. */
export class PrometheusApi {
  readonly #client: SourceClient;
  readonly #settings: PrometheusSettings;
  readonly #clock: Clock;
  /** Whether the server does not support POST. */
  #isGetOnly = false;

  constructor(client: SourceClient, settings: PrometheusSettings, clock: Clock) {
    this.#client = client;
    this.#settings = settings;
    this.#clock = clock;
  }

  async instant(query: string, time: number, call: ApiCall): Promise<QueryResult> {
    const parameters = this.#queryParameters(query);
    parameters.set("time", seconds(time));
    return readQueryResult(await this.#request("/api/v1/query", parameters, call), this.#clock);
  }

  async range(query: string, { from, to }: TimeRange, stepMs: number, call: ApiCall): Promise<QueryResult> {
    const parameters = this.#queryParameters(query);
    setRange(parameters, { from, to });
    parameters.set("step", seconds(stepMs));
    return readQueryResult(await this.#request("/api/v1/query_range", parameters, call), this.#clock);
  }

  async exemplars(query: string, range: TimeRange, call: ApiCall): Promise<readonly Exemplar[]> {
    const parameters = new URLSearchParams({ query });
    setRange(parameters, range);
    const exemplars: Exemplar[] = [];
    await readList(await this.#request("/api/v1/query_exemplars", parameters, call), (json) =>
      readExemplars(json, exemplars),
    );
    return exemplars;
  }

  /**
   * Returns the label names of series.
   * @param match selector of the series; empty for all
   */
  async labelNames(match: string, range: TimeRange, call: ApiCall): Promise<readonly string[]> {
    return this.#texts(await this.#request("/api/v1/labels", this.#matching(match, range), call));
  }

  /**
   * Returns the values of a label.
   * @param match selector of the series; empty for all
   */
  async labelValues(label: string, match: string, range: TimeRange, call: ApiCall): Promise<readonly string[]> {
    const path = `/api/v1/label/${encodeURIComponent(escapedLabel(label))}/values`;
    return this.#texts(await this.#get(path, this.#matching(match, range), call));
  }

  async series(match: string, range: TimeRange, call: ApiCall): Promise<readonly Labels[]> {
    const response = await this.#request("/api/v1/series", this.#matching(match, range), call);
    const found: Labels[] = [];
    await readList(response, (json) => found.push(readLabels(json)));
    return found;
  }

  /** Returns the metrics of the series that a selector selects, with the server's metadata if there is any. */
  async metrics(match: string, range: TimeRange, call: ApiCall): Promise<MetricAnswer> {
    const listing = new MetricListing();
    await readList(await this.#request("/api/v1/series", this.#matching(match, range), call), (json) =>
      listing.add(json),
    );
    return { series: listing.list(KEPT_LABELS), metadata: await this.#metadata(call) };
  }

  /** Returns the metadata of all metrics. Servers without metadata return an error; the result is then empty. */
  async #metadata(call: ApiCall): Promise<MetricAnswer["metadata"]> {
    const response = await this.#get("/api/v1/metadata", new URLSearchParams(), call);
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of response.body) pieces.push(Uint8Array.from(piece));
    } finally {
      response.close();
    }
    try {
      return readMetadata(response.status === 200 ? JSON.parse(Buffer.concat(pieces).toString()) : undefined);
    } catch (error) {
      if (error instanceof SyntaxError) return new Map();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #queryParameters(query: string): URLSearchParams {
    const { queryTimeout } = this.#settings;
    return new URLSearchParams({ query, ...(queryTimeout !== "" && { timeout: queryTimeout }) });
  }

  #matching(match: string, range: TimeRange): URLSearchParams {
    const parameters = new URLSearchParams();
    if (match !== "") parameters.set("match[]", match);
    setRange(parameters, range);
    if (this.#settings.seriesLimit > 0) parameters.set("limit", String(this.#settings.seriesLimit));
    return parameters;
  }

  async #texts(response: SourceResponse): Promise<readonly string[]> {
    const texts: string[] = [];
    await readList(response, (json: JsonCursor) => texts.push(json.string()));
    return texts;
  }

  /** Sends a request with the configured method. If the server does not support POST, GET is used from then on. */
  async #request(path: string, parameters: URLSearchParams, call: ApiCall): Promise<SourceResponse> {
    if (this.#settings.method === "GET" || this.#isGetOnly) return this.#get(path, parameters, call);
    const response = await this.#send("POST", path, parameters, call);
    if (response.status !== 405) return response;
    response.close();
    this.#isGetOnly = true;
    return this.#get(path, parameters, call);
  }

  #get(path: string, parameters: URLSearchParams, call: ApiCall): Promise<SourceResponse> {
    return this.#send("GET", path, parameters, call);
  }

  #send(method: "GET" | "POST", path: string, parameters: URLSearchParams, call: ApiCall): Promise<SourceResponse> {
    const timeoutMs = this.#settings.requestTimeoutMs;
    return this.#client.send({ method, path, parameters, timeoutMs, account: call.count }, call.signal);
  }
}

function setRange(parameters: URLSearchParams, { from, to }: TimeRange): void {
  parameters.set("start", seconds(from));
  parameters.set("end", seconds(to));
}

/** Formats ms as seconds, with millisecond precision, for times and steps of the API. */
const seconds = (ms: number): string => String(Math.round(ms) / 1000);

/**
 * Escapes a label name for a path. A name that is not classic gets the prefix `U__`, and its special characters are
 * replaced by their code numbers.
 */
function escapedLabel(name: string): string {
  if (/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) return name;
  const escaped = Array.from(name, (char) =>
    char === "_" ? "__" : /[a-zA-Z0-9]/.test(char) ? char : `_${char.codePointAt(0)!.toString(16)}_`,
  );
  return `U__${escaped.join("")}`;
}
