import {
  type AdHocFilter,
  findSource,
  loadQueryExtras,
  type Lookup,
  type Panel,
  prepareQueries,
  readSource,
  sourceFilters,
  type SourceKind,
  type SourceListing,
  unknownSourceKind,
} from "@narthex/dashboards";
import { expect, test } from "vitest";
import { testSource } from "../testing/test-source.ts";

await loadQueryExtras();

const references = { field: "target", fullField: "targetFull" };
const graphite: SourceKind = {
  ...unknownSourceKind("graphite"),
  language: { valueFormat: "glob", hasExtras: true, references },
};
const sources: readonly SourceListing[] = [
  testSource({ uid: "p", name: "Main", isDefault: true, timeInterval: "30s" }),
  testSource({ uid: "q", name: "Other" }),
  testSource({ uid: "g", name: "Graphite", type: "graphite", kind: graphite }),
  testSource({ uid: "t", name: "Test", type: "grafana-testdata-datasource" }),
];
const values: Readonly<Record<string, readonly string[]>> = { job: ["a.b", "c"], ds: ["Other"], least: ["2m"] };
const lookup: Lookup = (name) =>
  Object.hasOwn(values, name)
    ? { name, values: values[name]!, texts: values[name]!, isMulti: name === "job", isVerbatim: false }
    : undefined;

const panelOf = (json: object): Panel =>
  readSource({ schemaVersion: 41, panels: [{ id: 1, type: "timeseries", ...json }] }).dashboard.panels[0]!;

const prepared = (
  json: object,
  filters: ReadonlyMap<string, readonly AdHocFilter[]> = new Map(),
  { zone = "UTC", range = { from: 0, to: 3_600_000 }, among = sources } = {},
) =>
  prepareQueries({
    panel: panelOf(json),
    range,
    zone,
    width: 600,
    lookup,
    sources: among,
    filters,
  });

test("variables are replaced by the rules of the query's language, except for variables of the step, which the data source replaces", () => {
  const target = {
    refId: "A",
    expr: 'rate(x{job=~"$job"}[$__rate_interval])',
    legendFormat: "$job",
    interval: "$least",
  };
  const { queries } = prepared({ targets: [target] });
  expect(queries).toMatchObject([
    {
      refId: "A",
      datasource: { type: "prometheus", uid: "p" },
      intervalMs: 30_000,
      maxDataPoints: 600,
      source: {
        expr: String.raw`rate(x{job=~"(a\\.b|c)"}[$__rate_interval])`,
        legendFormat: "{a.b,c}",
        interval: "2m",
      },
    },
  ]);
});

test("a panel's own minimum step and number of points override those of its source and its width", () => {
  const target = { refId: "A", expr: "$__interval" };
  expect(prepared({ interval: "$least", targets: [target] }).queries).toMatchObject([{ intervalMs: 120_000 }]);
  expect(prepared({ interval: "10s", targets: [target] }).queries).toMatchObject([{ intervalMs: 10_000 }]);
  expect(prepared({ maxDataPoints: 10, targets: [target] }).queries).toMatchObject([
    { intervalMs: 300_000, maxDataPoints: 10, source: { expr: "$__interval" } },
  ]);
});

test("queries of a mixed panel go to their own sources; hidden queries and queries without a source are not sent", () => {
  const { queries, unsent } = prepared({
    datasource: { uid: "-- Mixed --" },
    targets: [
      { refId: "A", expr: "a", datasource: { uid: "$ds" } },
      { refId: "B", scenarioId: "b", datasource: { uid: "t" } },
      { refId: "C", expr: "c", hide: true },
      { refId: "D", expr: "d", datasource: { uid: "gone" } },
      { refId: "E", type: "math", expression: "$A * 2", datasource: { uid: "__expr__" } },
    ],
  });
  expect(queries.map(({ refId, datasource }) => [refId, datasource.uid])).toEqual([
    ["A", "q"],
    ["B", "t"],
    ["E", "__expr__"],
  ]);
  expect(unsent.get("D")!.error).toBe('There is no data source "gone".');
});

test("a query that names no source says how to choose one if no source is the default", () => {
  const among = sources.filter(({ isDefault }) => !isDefault);
  const { unsent } = prepared({ targets: [{ refId: "A", expr: "a" }] }, new Map(), { among });
  expect(unsent.get("A")!.error).toMatch(/names no data source, and no data source is the default/);
});

test("filters are added only to the queries of their source", () => {
  const variable = {
    name: "Filters",
    type: "adhoc",
    datasource: { uid: "$ds" },
    filters: [{ key: "instance", operator: "=", value: "x" }],
  };
  const { variables } = readSource({ schemaVersion: 41, templating: { list: [variable] }, panels: [] }).dashboard;
  const states = new Map([["Filters", { variable: variables[0]!, options: [], current: [] }]]);
  const filters = sourceFilters(states, sources, lookup);
  const targets = [
    { refId: "A", expr: "a" },
    { refId: "B", expr: "b", datasource: { uid: "q" } },
  ];
  const { queries } = prepared({ targets }, filters);
  expect(queries.map(({ source }) => source["adhocFilters"])).toEqual([
    undefined,
    [{ key: "instance", operator: "=", value: "x" }],
  ]);
});

test("a source is found by uid or by name, or is the default one", () => {
  const found = (ref: { uid?: string; type?: string } | undefined) => findSource(ref, sources, lookup)?.uid;
  expect([found({ uid: "q" }), found({ uid: "Main" }), found({ uid: "$ds" }), found(undefined)]).toEqual([
    "q",
    "p",
    "q",
    "p",
  ]);
  expect([found({ type: "grafana-testdata-datasource" }), found({ uid: "default" }), found({ uid: "x" })]).toEqual([
    "t",
    "p",
    undefined,
  ]);
});

test("an empty query does not affect the panel's other queries", () => {
  const targets = [
    { refId: "A", expr: "up" },
    { refId: "B", expr: " " },
    { refId: "C" },
    { refId: "D", datasource: { uid: "t" } },
  ];
  const { queries, unsent } = prepared({ targets });
  expect(queries.map(({ refId }) => refId)).toEqual(["A", "D"]);
  expect(unsent.size).toBe(0);
});

test("steps are aligned to days of the dashboard's zone, with its offset at the end of the range", () => {
  const offsetOf = (zone: string, to: number, json: object = {}): unknown =>
    prepared({ targets: [{ refId: "A", expr: "up", ...json }] }, new Map(), { zone, range: { from: 0, to } }).queries[0]
      ?.source["utcOffsetSec"];
  const [winter, summer] = [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)];
  expect(offsetOf("Europe/Berlin", winter)).toBe(3600);
  expect(offsetOf("Europe/Berlin", summer)).toBe(7200);
  expect(offsetOf("Asia/Kolkata", summer)).toBe(19_800);
  expect(offsetOf("America/New_York", winter)).toBe(-18_000);
  expect(offsetOf("UTC", summer)).toBe(0);
  // In a dashboard's targets, Grafana stores the UTC offset of the user who saved the dashboard.
  expect(offsetOf("Asia/Kolkata", summer, { utcOffsetSec: 3600 })).toBe(19_800);
  const testdata = { datasource: { type: "grafana-testdata-datasource", uid: "t" } };
  expect(offsetOf("Asia/Kolkata", summer, testdata)).toBe(undefined);
});

test("a query of Graphite gets its text without references, also to hidden queries", () => {
  const targets = [
    { refId: "A", target: "srv.$job", hide: true },
    { refId: "B", target: "sum(#A)", targetFull: "out of date" },
  ];
  const { queries } = prepared({ datasource: { type: "graphite", uid: "g" }, targets });
  expect(queries).toMatchObject([{ refId: "B", source: { target: "sum(#A)", targetFull: "sum(srv.{a.b,c})" } }]);
});
