import type { StoreReading } from "@narthex/config";
import { escapeName } from "@narthex/exposition";
import { isLegacyLabelName, quote } from "@narthex/model";
import { writeReadRequest } from "../../remote-read/client/write-request.ts";
import type { RemoteAnswerHead, RemoteSelection, WantedData } from "../../remote-read/source/remote-reader.ts";

/** An HTTP request to a long-term store. Its path is relative to the store's URL. */
export interface StoreRequest {
  readonly method: "GET" | "POST";
  /** Path, with the parameters of a GET request. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  /** Format of the response. Undefined for remote read, because the Content-Type of the response then decides. */
  readonly form: RemoteAnswerHead["form"] | undefined;
}

/** Largest number of samples in a line of the response. A line is small enough to be read without a pause. */
const ROWS_PER_LINE = 10_000;
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

/**
 * Returns the HTTP request for a selection of series. `matchers` must include the matchers for the external labels,
 * because the store's series have these labels.
 */
export function storeRequest(reading: StoreReading, selection: RemoteSelection): StoreRequest {
  const wanted: WantedData = selection.wanted ?? { kind: "samples" };
  if (wanted.kind === "samples") return samplesRequest(reading, selection);
  const parameters = new URLSearchParams();
  if (wanted.kind === "metadata") {
    if (wanted.metric !== "") parameters.set("metric", wanted.metric);
    if (wanted.limit !== undefined) parameters.set("limit", String(wanted.limit));
    const path = `/api/v1/metadata?${String(parameters)}`;
    return { method: "GET", path, headers: {}, body: undefined, form: "metadata" };
  }
  if (selection.matchers.length > 0) parameters.set("match[]", selectorOf(selection));
  parameters.set("start", seconds(selection.minTime));
  parameters.set("end", seconds(selection.maxTime));
  if (wanted.limit !== undefined && wanted.limit > 0) parameters.set("limit", String(wanted.limit));
  if (wanted.kind === "series") return posted("/api/v1/series", parameters, "label sets");
  if (wanted.kind !== "label values") return posted("/api/v1/labels", parameters, "words");
  const path = `/api/v1/label/${encodeURIComponent(escapeName(wanted.name, "values"))}/values?${String(parameters)}`;
  return { method: "GET", path, headers: {}, body: undefined, form: "words" };
}

function samplesRequest(reading: StoreReading, selection: RemoteSelection): StoreRequest {
  const { minTime, maxTime } = selection;
  switch (reading) {
    case "export": {
      const parameters = new URLSearchParams({
        "match[]": selectorOf(selection),
        start: seconds(minTime),
        end: seconds(maxTime),
        max_rows_per_line: String(ROWS_PER_LINE),
      });
      return posted("/api/v1/export", parameters, "lines");
    }
    case "query": {
      // Adds one millisecond to the range, because ranges in Prometheus 3 do not include their start.
      const range = `[${maxTime - minTime + 1}ms]`;
      const parameters = new URLSearchParams({ query: `${selectorOf(selection)}${range}`, time: seconds(maxTime) });
      return posted("/api/v1/query", parameters, "matrix");
    }
    case "remote_read":
      return {
        method: "POST",
        path: "/api/v1/read",
        headers: {
          "Content-Encoding": "snappy",
          "Accept-Encoding": "snappy",
          "Content-Type": "application/x-protobuf",
          "X-Prometheus-Remote-Read-Version": "0.1.0",
        },
        body: writeReadRequest(selection),
        form: undefined,
      };
  }
}

const posted = (path: string, parameters: URLSearchParams, form: RemoteAnswerHead["form"]): StoreRequest => ({
  method: "POST",
  path,
  headers: FORM,
  body: String(parameters),
  form,
});

const selectorOf = ({ matchers }: RemoteSelection): string =>
  `{${matchers.map(({ type, name, value }) => `${isLegacyLabelName(name) ? name : quote(name)}${type}${quote(value)}`).join(",")}}`;

/** Formats a time in ms as seconds with three decimals. */
const seconds = (ms: number): string => (ms / 1000).toFixed(3);
