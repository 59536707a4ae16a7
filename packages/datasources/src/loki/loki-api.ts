import type { Clock } from "@narthex/runtime";
import type { TimeRange } from "../data-source.ts";
import type { SourceClient, SourceResponse } from "../outgoing/source-client.ts";
import type { ApiCall } from "../prometheus/prometheus-api.ts";
import { type LokiResult, readLokiList, readLokiResult } from "./read-loki-answer.ts";

/** Maximum length of a query that is sent in the URL. Longer queries are sent in the body of a POST request. */
const MAX_ADDRESS_CHARS = 4000;
/** Largest number of names or values of a listing. */
const MAX_LISTED = 40_000;
/**
 * Header with which Loki sends the labels of a line separately from those of its stream. Other servers ignore the
 * header.
 */
const CATEGORIZED = { "X-Loki-Response-Encoding-Flags": "categorize-labels" };

/** A query with the parameters that the server gets. */
export interface LokiQuery {
  readonly expr: string;
  readonly range: TimeRange;
  /** The range in nanoseconds as decimal texts, if milliseconds are not exact enough. The end is not included. */
  readonly exact?: { readonly start: string; readonly end: string };
  readonly stepMs: number;
  readonly isInstant: boolean;
  readonly maxLines: number;
  readonly direction: "backward" | "forward";
}

/** The HTTP API of Loki. A failed call rejects with QueryFailure. */
export class LokiApi {
  readonly #client: SourceClient;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(client: SourceClient, clock: Clock, timeoutMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Runs a log or metric query over a range, or at the end of the range. */
  async query(query: LokiQuery, call: ApiCall): Promise<LokiResult> {
    const { expr, direction, maxLines, isInstant, range, exact, stepMs } = query;
    const parameters = new URLSearchParams({ query: expr, direction, limit: String(maxLines) });
    if (isInstant) parameters.set("time", nanoseconds(range.to));
    else {
      setRange(parameters, range);
      for (const [name, value] of Object.entries(exact ?? {})) parameters.set(name, value);
      parameters.set("step", `${stepMs}ms`);
    }
    const path = isInstant ? "/loki/api/v1/query" : "/loki/api/v1/query_range";
    return readLokiResult(await this.#send(path, parameters, call), maxLines, this.#clock);
  }

  /**
   * Returns the names of labels.
   * @param selector selector of the streams; empty for all
   */
  async labelNames(selector: string, range: TimeRange, call: ApiCall): Promise<readonly string[]> {
    return this.#texts(await this.#send("/loki/api/v1/labels", selecting(selector, range), call));
  }

  /**
   * Returns the values of a label.
   * @param selector selector of the streams; empty for all
   */
  async labelValues(label: string, selector: string, range: TimeRange, call: ApiCall): Promise<readonly string[]> {
    const path = `/loki/api/v1/label/${encodeURIComponent(label)}/values`;
    return this.#texts(await this.#send(path, selecting(selector, range), call));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #texts(response: SourceResponse): Promise<readonly string[]> {
    const texts: string[] = [];
    await readLokiList(response, (json) => {
      const text = json.string();
      if (texts.length < MAX_LISTED) texts.push(text);
    });
    return texts;
  }

  #send(path: string, parameters: URLSearchParams, call: ApiCall): Promise<SourceResponse> {
    const isLong = (parameters.get("query")?.length ?? 0) > MAX_ADDRESS_CHARS;
    const method = isLong ? "POST" : "GET";
    const request = { method, path, parameters, headers: CATEGORIZED, timeoutMs: this.#timeoutMs } as const;
    return this.#client.send({ ...request, account: call.count }, call.signal);
  }
}

function selecting(selector: string, range: TimeRange): URLSearchParams {
  const parameters = new URLSearchParams();
  if (selector !== "") parameters.set("query", selector);
  setRange(parameters, range);
  return parameters;
}

function setRange(parameters: URLSearchParams, { from, to }: TimeRange): void {
  parameters.set("start", nanoseconds(from));
  parameters.set("end", nanoseconds(to));
}

/** Formats ms as nanoseconds. The zeros are appended as text, because the number is larger than 2^53. */
const nanoseconds = (ms: number): string => {
  const whole = String(Math.round(ms));
  return whole === "0" ? whole : `${whole}000000`;
};
