import { expect, test } from "vitest";
import { spanLinksOf } from "./span-links.ts";

const ruleOf = (jsonData: object): readonly (readonly unknown[])[] =>
  spanLinksOf({ ...jsonData }).map(({ title, internal }) => {
    const { tags, ...rule } = internal!.narthexSpan!;
    const selected = tags.map(({ key, value }) => (value === "" ? key : `${key} as ${value}`));
    return [title, internal!.datasourceUid, internal!.query["expr"], selected, rule];
  });

test("the links to log lines and metrics are read from the settings", () => {
  const tracesToLogsV2 = {
    datasourceUid: "l1",
    tags: [{ key: "pod", value: "" }, { key: "a.b", value: "c" }, {}],
    spanStartTimeShift: "-5m",
    spanEndTimeShift: "1m",
    filterByTraceID: true,
    filterBySpanID: true,
  };
  const tracesToMetrics = { datasourceUid: "p1", queries: [{ name: "Requests", query: "sum(a{$__tags})" }, {}] };
  const metrics = { startShiftMs: -120_000, endShiftMs: 120_000 };
  expect(ruleOf({ tracesToLogsV2, tracesToMetrics })).toEqual([
    [
      "Logs of this span",
      "l1",
      '{$__tags} |= "${__span.traceId}" |= "${__span.spanId}"',
      ["pod", "a.b as c"],
      { startShiftMs: -300_000, endShiftMs: 60_000, needsTags: true },
    ],
    ["Requests", "p1", "sum(a{$__tags})", [], metrics],
    ["Metrics of this span", "p1", expect.stringContaining("traces_spanmetrics_latency_bucket{$__tags}"), [], metrics],
  ]);
});

const USUAL =
  "cluster,hostname,namespace,pod,service.name as service_name,service.namespace as service_namespace".split(",");
/** Returns the query and the attributes of each link. */
const shortOf = (jsonData: object): unknown => ruleOf(jsonData).map(([, , query, tags]) => [query, tags]);

test("an own query and settings of old versions are read", () => {
  const query = '{app="a"} |= "${__trace.traceId}"';
  const own = { datasourceUid: "l1", customQuery: true, query };
  expect(shortOf({ tracesToLogsV2: own })).toEqual([[query, USUAL]]);
  expect(shortOf({ tracesToLogsV2: { ...own, query: " " } })).toEqual([]);
  const old = { datasourceUid: "l1", tags: ["pod"], mappedTags: [{ key: "a", value: "b" }] };
  expect(shortOf({ tracesToLogs: old })).toEqual([["{$__tags}", ["pod"]]]);
  const mapped = { ...old, mapTagNamesEnabled: true };
  expect(shortOf({ tracesToLogs: mapped })).toEqual([["{$__tags}", ["a as b"]]]);
  expect(shortOf({ tracesToLogsV2: { datasourceUid: "l1" } })).toEqual([["{$__tags}", USUAL]]);
});

test("settings without a data source have no links, and a wrong shift is refused", () => {
  expect(ruleOf({ tracesToLogsV2: { tags: [] }, tracesToMetrics: { queries: [{}] } })).toEqual([]);
  expect(() => ruleOf({ tracesToLogsV2: { datasourceUid: "l1", spanEndTimeShift: "later" } })).toThrow(
    'the time shift "later" is not a duration',
  );
});
