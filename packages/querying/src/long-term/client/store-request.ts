import type { StoreReading } from "@narthex/config";
import { escapeName } from "@narthex/exposition";
import { isLegacyLabelName, quote } from "@narthex/model";
import { writeReadRequest } from "../../remote-read/client/write-request.ts";
import type { RemoteAnswerHead, RemoteSelection, WantedData } from "../../remote-read/source/remote-reader.ts";

/** What is asked of a store, below its URL. */
export interface StoreRequest {
  readonly method: "GET" | "POST";
  /** With its parameters, where they stand in it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  /** What its answer is; undefined: a remote read's, whose type says it. */
  readonly form: RemoteAnswerHead["form"] | undefined;
}

/** Lines are not longer, so that each is read in one go. */
const ROWS_PER_LINE = 10_000;
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

/** How a store is asked. `matchers` are those of the selection and of the labels that its series have beside ours. */
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
      // The range is open on its left where it is Prometheus 3 that answers.
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

/** In seconds, exact to the millisecond. */
const seconds = (ms: number): string => (ms / 1000).toFixed(3);
