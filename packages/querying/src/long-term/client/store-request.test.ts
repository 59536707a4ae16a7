import { expect, test } from "vitest";
import type { RemoteSelection, WantedData } from "../../remote-read/source/remote-reader.ts";
import { storeRequest } from "./store-request.ts";

const selection = (wanted?: WantedData): RemoteSelection => ({
  minTime: 1500,
  maxTime: 90_000,
  matchers: [
    { type: "=", name: "__name__", value: "up" },
    { type: "!~", name: "a.b", value: 'x"\\d' },
  ],
  hints: { start: 0, end: 0, step: 0, range: 0, func: "" },
  ...(wanted !== undefined && { wanted }),
});

const SELECTOR = '{__name__="up","a.b"!~"x\\"\\\\d"}';

/** Returns the path and parameters of a request to the store, for comparison. */
function fieldsOf(request: ReturnType<typeof storeRequest>): unknown {
  const [path, inPath = ""] = request.path.split("?");
  const parameters = new URLSearchParams(typeof request.body === "string" ? request.body : inPath);
  return [request.method, path, Object.fromEntries(parameters), request.form];
}

test("for each way of reading, samples are requested in its own form", () => {
  expect(fieldsOf(storeRequest("export", selection()))).toEqual([
    "POST",
    "/api/v1/export",
    { "match[]": SELECTOR, start: "1.500", end: "90.000", max_rows_per_line: "10000" },
    "lines",
  ]);
  // Expects a time range that includes both ends, although PromQL ranges do not include their start.
  expect(fieldsOf(storeRequest("query", selection()))).toEqual([
    "POST",
    "/api/v1/query",
    { query: `${SELECTOR}[88501ms]`, time: "90.000" },
    "matrix",
  ]);
  expect(storeRequest("remote_read", selection())).toMatchObject({ method: "POST", path: "/api/v1/read" });
});

test("series and words are requested in the same form for all ways of reading", () => {
  const range = { "match[]": SELECTOR, start: "1.500", end: "90.000" };
  expect(fieldsOf(storeRequest("export", selection({ kind: "series", limit: 5 })))).toEqual([
    "POST",
    "/api/v1/series",
    { ...range, limit: "5" },
    "label sets",
  ]);
  expect(fieldsOf(storeRequest("export", selection({ kind: "label names", limit: 0 })))).toEqual([
    "POST",
    "/api/v1/labels",
    range,
    "words",
  ]);
  const values = (name: string): unknown => fieldsOf(storeRequest("query", selection({ kind: "label values", name })));
  expect(values("job")).toEqual(["GET", "/api/v1/label/job/values", range, "words"]);
  expect(values("a.b_c")).toEqual(["GET", "/api/v1/label/U__a_2e_b__c/values", range, "words"]);
  expect(values("1.b")).toEqual(["GET", "/api/v1/label/U___31__2e_b/values", range, "words"]);
});
