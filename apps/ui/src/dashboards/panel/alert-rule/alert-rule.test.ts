import { type Frame, type Lookup, type Panel, readDashboard, type SourceListing, verbatim } from "@narthex/dashboards";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PanelRequest } from "../../data/panel/panel-request.ts";
import { fieldOfLine, problemText } from "./alert-rule-api.ts";
import { firingsOf, distinguishingLabels } from "./firing-spans.ts";
import { hasRuleQueries } from "./has-rule-queries.ts";
import { filledForm, newRuleForm, OWN_VALUE } from "./rule-form.ts";
import { previewStep, ruleQueries, usualWindow } from "./rule-query.ts";
import { alertName, ruleThresholds } from "./rule-thresholds.ts";
import { testSource } from "../../testing/test-source.ts";
import { panelRequest } from "../../testing/panel-request.ts";

const sources: readonly SourceListing[] = [
  testSource({ uid: "main", name: "Main", isDefault: true, timeInterval: "30s" }),
  testSource({ uid: "slow", name: "Slow", timeInterval: "5m" }),
  testSource({ uid: "test", name: "Test", type: "grafana-testdata-datasource" }),
];

async function panelOf(json: object): Promise<Panel> {
  const { dashboard } = await readDashboard(
    { schemaVersion: 41, panels: [{ id: 1, type: "timeseries", ...json }] },
    { sources },
  );
  return dashboard.panels[0]!;
}

const lookup: Lookup = (name) =>
  name === "job"
    ? { name, values: ['a"b', "c.d"], texts: ["", ""], isMulti: true, isVerbatim: false }
    : name === "__range"
      ? verbatim(name, "3600s")
      : undefined;

const requestOf = (panel: Panel): PanelRequest =>
  panelRequest(panel, {
    lookup,
    time: { raw: { from: "now-1h", to: "now" }, range: { from: 0, to: 3_600_000 }, words: "" },
    zone: "utc",
    sources,
    filters: new Map([["main", [{ key: "env", operator: "=", value: "x", values: [] }]]]),
    now: 0,
  });

test("ruleQueries() replaces variables, uses the window for steps, and lists the differences from the panel", async () => {
  const panel = await panelOf({
    transformations: [{ id: "reduce", options: {} }],
    targets: [
      { refId: "A", expr: 'rate(x{job=~"$job"}[$__rate_interval]) > ${__interval_ms}' },
      { refId: "B", expr: "increase(x[$__range])" },
      { refId: "C", expr: "hidden", hide: true },
      { refId: "D", expr: "" },
      { refId: "E", scenarioId: "random_walk", datasource: { uid: "test", type: "grafana-testdata-datasource" } },
    ],
  });
  const [a, b, ...others] = ruleQueries(requestOf(panel), 300_000);
  expect(a!.source["expr"]).toBe(String.raw`rate(x{job=~"(a\"b|c\\.d)"}[5m]) > 300000`);
  expect(a!.source["adhocFilters"]).toEqual([{ key: "env", operator: "=", value: "x", values: [] }]);
  expect(a!.step).toEqual(["$__interval_ms", "$__rate_interval"]);
  expect(a!.notes).toEqual(["The panel transforms the results of its queries. The rule evaluates only the query."]);
  expect([b!.source["expr"], b!.step, b!.notes[0]]).toEqual([
    "increase(x[3600s])",
    [],
    "$__range is 1h in the rule, the panel's current range.",
  ]);
  expect(others).toEqual([]);
});

test("a variable with the value All matches any value if it is the whole text of a matcher", async () => {
  const panel = await panelOf({
    targets: [
      { refId: "A", expr: `rate(x{host=~"$host", zone =~ '(\${zone:pipe})', job=~"$job"}[5m])` },
      { refId: "B", expr: 'x{disk=~"sd$disk"} or x{disk=~"$disk"}' },
      { refId: "C", expr: 'x{env=~"$env"}' },
    ],
  });
  const all: Lookup = (name, part) =>
    ["host", "zone", "disk", "env"].includes(name)
      ? {
          name,
          values: ["a", "b"],
          texts: [],
          isMulti: true,
          isVerbatim: false,
          isList: true,
          addressValues: ["$__all"],
        }
      : lookup(name, part);
  // The values of `env` are written in the dashboard, so new values do not come by themselves.
  const queried = new Set(["host", "zone", "disk", "job"]);
  const queries = ruleQueries({ ...requestOf(panel), lookup: all }, 300_000, queried);
  expect(queries.map(({ source, notes }) => [source["expr"], notes])).toEqual([
    [
      String.raw`rate(x{host=~".+", zone =~ '(.+)', job=~"(a\"b|c\\.d)"}[5m])`,
      ["All is chosen for $host, $zone. The rule matches any value with .+, also values that are added later."],
    ],
    [
      'x{disk=~"sd(a|b)"} or x{disk=~"(a|b)"}',
      ["All is chosen for $disk. The rule has the list of the current values, and ignores later values."],
    ],
    ['x{env=~"(a|b)"}', []],
  ]);
});

test("hasRuleQueries() returns true if a panel has a Prometheus query that is not empty", async () => {
  const has = async (targets: readonly object[]): Promise<boolean> =>
    hasRuleQueries(await panelOf({ targets }), sources, lookup);
  expect(await has([{ refId: "A", expr: "up" }])).toBe(true);
  expect(await has([{ refId: "A", expr: " " }])).toBe(false);
  expect(await has([{ refId: "A", expr: "up", hide: true }])).toBe(false);
  expect(await has([{ refId: "A", expr: "up", datasource: { uid: "test" } }])).toBe(false);
  expect(await has([])).toBe(false);
});

test("usualWindow() is five minutes, but at least four scrapes", () => {
  expect(["main", "slow", "none", undefined].map((uid) => usualWindow(sources, uid))).toEqual([
    "5m",
    "20m",
    "5m",
    "5m",
  ]);
});

const steps = (...values: readonly (readonly [number | null, string])[]): object => ({
  mode: "absolute",
  steps: values.map(([value, color]) => ({ value, color })),
});

test("ruleThresholds() returns thresholds in the unit of the data, also for overrides and for percentages of a range", async () => {
  const fieldConfig = {
    defaults: { unit: "percent", thresholds: steps([null, "green"], [70, "orange"], [90, "red"]) },
    overrides: [
      {
        matcher: { id: "byFrameRefID", options: "B" },
        properties: [
          { id: "unit", value: "bytes" },
          { id: "thresholds", value: steps([null, "red"], [1024, "green"]) },
        ],
      },
    ],
  };
  const panel = await panelOf({ fieldConfig });
  expect(ruleThresholds(panel, "A")).toEqual({
    unit: "percent",
    thresholds: [
      { value: 70, color: "orange", text: "70%" },
      { value: 90, color: "red", text: "90%" },
    ],
    isAbove: true,
    isRangeUnknown: false,
  });
  expect(ruleThresholds(panel, "B")).toMatchObject({ unit: "bytes", isAbove: false, thresholds: [{ value: 1024 }] });
  const shares = {
    mode: "percentage",
    steps: [
      { value: null, color: "green" },
      { value: 50, color: "red" },
    ],
  };
  const shared = async (config: object) =>
    ruleThresholds(await panelOf({ fieldConfig: { defaults: config, overrides: [] } }), "A");
  expect((await shared({ unit: "percentunit", thresholds: shares })).thresholds[0]!.value).toBe(0.5);
  expect((await shared({ min: 10, max: 20, thresholds: shares })).thresholds[0]!.value).toBe(15);
  expect(await shared({ thresholds: shares })).toMatchObject({ thresholds: [], isRangeUnknown: true });
  expect((await shared({})).thresholds).toEqual([]);
});

test("filledForm() selects the worst threshold by default", () => {
  const thresholds = {
    unit: "",
    thresholds: [
      { value: 70, color: "orange", text: "70" },
      { value: 90, color: "red", text: "90" },
    ],
    isAbove: true,
    isRangeUnknown: false,
  };
  const filled = (form: object) => filledForm({ ...newRuleForm, ...form }, "CPU busy", thresholds);
  expect(filled({})).toEqual({ isAbove: true, step: 1, value: 90, severity: "critical", name: "CPUBusyHigh" });
  expect(filled({ step: 0 })).toMatchObject({ value: 70, severity: "warning" });
  expect(filled({ isAbove: false })).toMatchObject({ value: 70, name: "CPUBusyLow" });
  expect(filled({ step: OWN_VALUE })).toMatchObject({ value: undefined, severity: "warning" });
  expect(filled({ step: OWN_VALUE, value: 0, name: "" })).toMatchObject({ value: 0, name: "" });
  expect(filledForm(newRuleForm, "", { ...thresholds, thresholds: [] })).toMatchObject({
    step: OWN_VALUE,
    name: "ThresholdHigh",
  });
});

test("alertName() converts a title to one word", () => {
  expect(alertName("p99 latency, by route (µs)", true)).toBe("P99LatencyByRouteΜsHigh");
});

const frameOf = (times: readonly number[], labels = {}, refId = "A", nulls: readonly number[] = []): Frame => ({
  refId,
  length: times.length,
  fields: [
    { name: "Time", type: "time", config: {}, values: Float64Array.from(times) },
    {
      name: "Value",
      type: "number",
      config: {},
      labels,
      values: new Float64Array(times.length),
      nulls: Uint8Array.from(nulls),
    },
  ],
});

test("firingsOf() returns spans that last long enough, and the share of the range that they cover together", () => {
  const frames = [frameOf([0, 10, 20, 60, 70], { a: "1" }), frameOf([10, 20, 30, 40], { a: "2" }, "A", [1, 0, 0, 0])];
  const { series, firings, passing, share } = firingsOf(frames, { stepMs: 10, forMs: 20, rangeMs: 100 });
  expect(series.map(({ labels, spans }) => [labels, spans])).toEqual([
    [
      { a: "1" },
      [
        { from: 0, to: 30, firesAt: 20 },
        { from: 60, to: 80, firesAt: undefined },
      ],
    ],
    [{ a: "2" }, [{ from: 20, to: 50, firesAt: 40 }]],
  ]);
  expect([firings, passing, share]).toEqual([2, 1, 0.2]);
});

test("firingsOf() reports at most the whole range, and counts overlapping spans once", () => {
  const runs = fc.array(fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 60 }), { maxLength: 6 });
  fc.assert(
    fc.property(runs, fc.nat(30), (series, forSteps) => {
      const frames = series.map((moments) => frameOf(moments.toSorted((a, b) => a - b).map((at) => at * 10)));
      const { share } = firingsOf(frames, { stepMs: 10, forMs: forSteps * 10, rangeMs: 1000 });
      const firing = new Set<number>();
      for (const moments of series)
        for (const at of moments)
          if (Array.from({ length: forSteps + 1 }, (_, i) => at - i).every((one) => moments.includes(one)))
            firing.add(at);
      expect(share).toBeCloseTo(firing.size / 100, 9);
    }),
  );
});

test("distinguishingLabels() returns the labels that differ between the series of a query", () => {
  const frames = [
    frameOf([0], { __name__: "x", job: "a", mode: "m", instance: "1", same: "s" }),
    frameOf([0], { __name__: "y", job: "b", mode: "n", instance: "2", same: "s" }),
    frameOf([0], { same: "t" }, "B"),
  ];
  expect(distinguishingLabels(frames, "A")).toEqual(["instance", "mode", "job"]);
});

test("previewStep() is a scrape interval for one hour, and gives some thousand steps for a month", () => {
  expect(previewStep(3_600_000, sources, "main")).toBe(30_000);
  const month = 30 * 86_400_000;
  expect(month / previewStep(month, sources, "main")).toBeLessThan(6000);
});

test("a problem is shown at the field from which its line was generated", () => {
  const yaml = "groups:\n- name: g\n  rules:\n  - alert: A\n    for: 5 minutes\n";
  expect([4, 5, 1, 99].map((line) => fieldOfLine(yaml, line))).toEqual(["name", "wait", undefined, undefined]);
  const problem = { line: 1, column: 1, message: 'group "a\\"b", rule 1, "A": could not parse', hint: "mend it" };
  expect(problemText(problem)).toBe("could not parse; mend it");
});
