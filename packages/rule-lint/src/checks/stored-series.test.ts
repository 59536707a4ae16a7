import { parseRuleFile } from "@narthex/rules";
import { systemClock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { DataError, lintRules, type StoredData } from "../index.ts";

const NOW = Date.UTC(2026, 10, 28, 12);
const clock = { ...systemClock, now: () => NOW };

/** Data of a server that knows only some expressions. All others have no result. */
function dataOf(series: Record<string, number>, seenAt: Record<string, number> = {}) {
  const asked: string[] = [];
  const data: StoredData = {
    instant(expression) {
      asked.push(expression);
      const last = Object.entries(seenAt).find(([text]) => expression === `max(timestamp(${text}))`);
      if (last !== undefined) return Promise.resolve({ series: 1, greatest: last[1] / 1000, samplesRead: 1 });
      const count = series[expression] ?? 0;
      return Promise.resolve({
        series: Math.min(count, 1),
        greatest: count === 0 ? undefined : count,
        samplesRead: count * 10,
      });
    },
    lastResult(expression) {
      asked.push(expression);
      return Promise.resolve(Object.entries(seenAt).find(([text]) => expression === `count(${text})`)?.[1]);
    },
    metricTypes: () => Promise.resolve([]),
  };
  return { data, asked };
}

async function report(expr: string, data: StoredData, more: Partial<Parameters<typeof lintRules>[0]> = {}) {
  const loaded = parseRuleFile(
    JSON.stringify({ groups: [{ name: "g", rules: [{ alert: "A", expr, for: "5m" }] }] }),
    "r.yml",
  );
  if (!loaded.ok) throw new Error("invalid test data");
  const files = [{ file: "r.yml", groups: loaded.value, source: undefined }];
  return lintRules({ files, clock, parser: {}, data, ...more });
}

const X = '{job="a",__name__="x"}';

test("a selector without series is explained: the metric is missing, or a matcher excludes its series", async () => {
  const missing = await report('x{job="a"} > 1', dataOf({}).data);
  expect(missing.findings).toMatchObject([
    { check: "never-selected", message: 'no series matches x{job="a"}, now and in the last 30d: there is no metric x' },
  ]);
  const excluded = await report('x{job="a"} > 1', dataOf({ 'count({__name__="x"})': 3 }).data);
  expect(excluded.findings).toMatchObject([
    { check: "never-selected", message: expect.stringContaining('x exists, but never with job="a"') as string },
  ]);
});

test("for vanished series the time of the last sample is reported", async () => {
  const { findings } = await report('x{job="a"} > 1', dataOf({}, { [X]: NOW - 3 * 3_600_000 }).data);
  expect(findings).toMatchObject([
    { check: "vanished-series", message: 'no series matches x{job="a"} since 2026-11-28T09:00:00Z, 3h ago' },
  ]);
});

test.each([
  "absent(x) and y > 1",
  "absent_over_time(x[5m]) and y > 1",
  "(x or vector(0)) + 1 > y",
  "y > 1 unless x",
  "ALERTS{alertname='A'} and y > 1",
])("%s may lack series", async (expr) => {
  const y = { 'count(last_over_time({__name__="y"}[5m]))': 1 };
  expect((await report(expr, dataOf(y).data)).findings.map(({ check }) => check)).not.toContain("never-selected");
});

test("a range selector is asked for in its window, and a compared side of unless is expected", async () => {
  const { data, asked } = dataOf({ 'count(last_over_time({__name__="x"}[1h]))': 1 });
  const { findings } = await report("max_over_time(x[1h]) > 1 unless y > 2", data);
  expect(asked).toContain('count(last_over_time({__name__="x"}[1h]))');
  expect(findings.map(({ check }) => check)).toEqual(["never-selected"]);
});

test("costs are reported for each rule, and expensive rules are found", async () => {
  const count = { 'count(last_over_time({__name__="x"}[5m]))': 1, 'count({__name__="x"})': 20_000, "x > 1": 20_000 };
  const { findings, costs } = await report("x > 1", dataOf(count).data);
  expect(costs).toEqual([{ file: "r.yml", group: "g", rule: "A", ruleIndex: 0, series: 20_000, samples: 200_000 }]);
  expect(findings).toMatchObject([
    { check: "cost", message: "each evaluation selects 20000 series and reads 200000 samples" },
  ]);
});

test("a limit of queries, of their time, or a refused query leaves checks out", async () => {
  expect(await report("x > 1", dataOf({}).data, { maxQueries: 0 })).toMatchObject({ findings: [], isComplete: false });
  expect(await report("x > 1", dataOf({}).data, { maxQueryMs: -1 })).toMatchObject({ findings: [], isComplete: false });
  const refusing = { ...dataOf({}).data, instant: () => Promise.reject(new DataError("refused")) };
  expect(await report("x > 1", refusing)).toMatchObject({ findings: [], costs: [], isComplete: true });
  const broken = { ...dataOf({}).data, instant: () => Promise.reject(new Error("bug")) };
  await expect(report("x > 1", broken)).rejects.toThrow("bug");
});
