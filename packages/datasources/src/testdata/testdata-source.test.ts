import { frameToJson, valueAt } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { UNKNOWN_SENDER } from "../data-source.ts";
import { openDataSource } from "../registry.ts";
import { environmentAt, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { requestBudgets } from "../value-budget.ts";
import { readCsv } from "./csv-frames.ts";

const tooMany = /more than 2000000 values/;
const environment = environmentAt(0);
const source = openDataSource(settingsOf("grafana-testdata-datasource", ""), environment);

async function ask(target: Readonly<Record<string, unknown>>, refId = "A") {
  return (await source.query([queryOf(target, [0, 600], refId)], never())).get(refId)!;
}

async function rows(target: Readonly<Record<string, unknown>>) {
  const [frame] = (await ask(target)).frames;
  return Array.from({ length: frame!.length }, (_, row) => frame!.fields.map((field) => valueAt(field, row)));
}

test("random walks are the same at each query, but differ between refIds and series", async () => {
  const target = { scenarioId: "random_walk", seriesCount: 2, min: 0, max: 10, labels: "n=$seriesIndex" };
  const [first, again, other] = await Promise.all([ask(target), ask(target), ask(target, "B")]);
  expect(first).toEqual(again);
  const values = ({ frames }: typeof first, i: number) => Array.from(frames[i]!.fields[1]!.values as Float64Array);
  expect(values(first, 0)).not.toEqual(values(other, 0));
  expect(values(first, 0)).not.toEqual(values(first, 1));
  expect(values(first, 0)).toHaveLength(41);
  expect(Math.max(...values(first, 0), ...values(first, 1))).toBeLessThanOrEqual(10);
  expect(first.frames.map(({ name, fields }) => [name, fields[1]!.labels!["n"]])).toEqual([
    ["A-series0", "0"],
    ["A-series1", "1"],
  ]);
});

test("values in a text are spread evenly over the range, and null is a missing value", async () => {
  expect(await rows({ scenarioId: "csv_metric_values", stringInput: "1, null,3" })).toEqual([
    [0, 1],
    [300_000, null],
    [600_000, 3],
  ]);
  expect(await rows({ scenarioId: "csv_metric_values", stringInput: "" })).toEqual([]);
});

test("the type of a CSV column follows from its cells", async () => {
  const csvContent = 'time,host,value,on,day\n10,"a, ""b""",1.5,true,2026-01-02\n20,null,,false,\n';
  expect(await rows({ scenarioId: "csv_content", csvContent })).toEqual([
    [10, 'a, "b"', 1.5, true, Date.parse("2026-01-02")],
    [20, null, null, false, null],
  ]);
  expect(readCsv('a,"b\nc"\r\n\n,')).toEqual([["a", "b\nc"]]);
});

test("the values of waves depend only on the time", async () => {
  const pulseWave = { timeStep: 60, onCount: 2, onValue: 5, offCount: 1, offValue: null };
  const pulse = await rows({ scenarioId: "predictable_pulse", pulseWave });
  expect(pulse.slice(0, 4)).toEqual([
    [0, 5],
    [60_000, 5],
    [120_000, null],
    [180_000, 5],
  ]);
  const csvWave = [{ timeStep: 300, valuesCSV: "1,null", name: "w", labels: "a=b" }];
  expect(await rows({ scenarioId: "predictable_csv_wave", csvWave })).toEqual([
    [0, 1],
    [300_000, null],
    [600_000, 1],
  ]);
});

test("raw frames are read from their JSON", async () => {
  const [given] = (await ask({ scenarioId: "csv_content", csvContent: "a,b\n1,x" })).frames;
  const { frames } = await ask({ scenarioId: "raw_frame", rawFrameContent: JSON.stringify([frameToJson(given!)]) });
  expect(frames).toMatchObject([{ refId: "A", length: 1, fields: [{ name: "a" }, { name: "b", values: ["x"] }] }]);
  expect(await ask({ scenarioId: "raw_frame", rawFrameContent: "{" })).toMatchObject({
    status: 400,
    error: "the raw frame is not JSON",
  });
  expect(await ask({ scenarioId: "raw_frame", rawFrameContent: "[7]" })).toMatchObject({ status: 400 });
});

test("the other scenarios return data according to their names", async () => {
  expect((await ask({ scenarioId: "no_data_points" })).frames).toEqual([]);
  expect(await ask({ scenarioId: "server_error_500" })).toMatchObject({ error: "Test Data Panic!", frames: [] });
  expect((await ask({ scenarioId: "random_walk_table" })).frames[0]!.fields.map(({ name }) => name)).toEqual([
    "Time",
    "Value",
    "Min",
    "Max",
    "Info",
  ]);
  expect(await rows({ scenarioId: "annotations", lines: 2 })).toHaveLength(2);
  expect((await rows({ scenarioId: "logs", lines: 3 }))[0]![1]).toMatch(/^t=1970.* lvl=\w+ msg="line 3"$/);
  expect((await ask({ scenarioId: "usa" })).frames[0]!.meta!.notices![0]!.text).toContain('"usa"');
  const slow = ask({ scenarioId: "slow_query", stringInput: "10s" });
  await environment.clock.advance(10_000);
  expect((await slow).frames).toHaveLength(1);
});

test("values of variables and annotations are generated too", async () => {
  const range = { from: 0, to: 100 };
  const texts = async (query: string) => (await source.variableValues!(query, range, never())).map(({ text }) => text);
  expect([await texts("*"), await texts("A.*"), await texts("A.{AB,AC}")]).toEqual([
    ["A", "B", "C"],
    ["AA", "AB", "AC"],
    ["AB", "AC"],
  ]);
  expect(await source.annotations!({ target: { lines: 2 } }, range, never())).toMatchObject([
    { time: 0 },
    { time: 50 },
  ]);
  expect(await source.health(never())).toMatchObject({ status: "OK" });
});

test.each([
  { seriesCount: 1e9, labels: [] },
  { scenarioId: "logs", lines: -5 },
  { scenarioId: "predictable_pulse", pulseWave: { timeStep: 1e-9, onCount: "x" } },
  { scenarioId: "predictable_csv_wave", csvWave: "x" },
  { scenarioId: "__proto__" },
])(
  // prettier-ignore
  "a target with invalid values %j is answered within limits",
  async (target) => {
    const { frames } = await ask(target);
    expect(frames.length).toBeLessThanOrEqual(1000);
  },
);

test.each([
  { scenarioId: "random_walk", seriesCount: 1000 },
  { scenarioId: "csv_content", csvContent: `${"a,".repeat(2000)}\n${"1\n".repeat(2000)}` },
  { scenarioId: "predictable_csv_wave", csvWave: Array.from({ length: 100 }, () => ({ timeStep: 0.001 })) },
  { scenarioId: "csv_metric_values", stringInput: "1,".repeat(2_500_000) },
])("a small target that requests too much data is refused: %#", async (target) => {
  const wide = (source: Readonly<Record<string, unknown>>, refId: string) => ({
    ...queryOf(source, [0, 600], refId),
    intervalMs: 1,
    maxDataPoints: 20_000,
  });
  const answers = await source.query([wide(target, "A")], never());
  expect(answers.get("A")).toMatchObject({ status: 422, frames: [], error: expect.stringMatching(tooMany) });
});

test("the values of all queries of a request count towards one limit", async () => {
  const target = { seriesCount: 50 };
  const queries = Array.from({ length: 4 }, (_, i) => ({
    ...queryOf(target, [0, 600], `Q${i}`),
    intervalMs: 1,
    maxDataPoints: 20_000,
  }));
  const answers = await source.query(queries, never());
  expect([...answers.values()].map(({ status }) => status)).toEqual([200, 200, 422, 422]);
});

test("a slow query occupies one of its user's slots while it waits, and releases it when its client disconnects", async () => {
  const controller = new AbortController();
  const slow = source.query([queryOf({ scenarioId: "slow_query", stringInput: "50s" })], controller.signal, {
    ...UNKNOWN_SENDER,
    user: "ann",
  });
  expect(environment.desk.slots.running).toBe(1);
  controller.abort(new Error("gone"));
  await expect(slow).rejects.toThrow("gone");
  expect(environment.desk.slots.running).toBe(0);
});

test("the remaining budget of a request is shared by all its queries", async () => {
  const budgets = requestBudgets();
  const asked = { ...queryOf({ scenarioId: "random_walk" }, [0, 600]), budgets };
  expect((await source.query([asked], never())).get("A")?.status).toBe(200);
  budgets.madeUp.take(2_000_000 - 60);
  expect((await source.query([asked], never())).get("A")).toMatchObject({
    status: 422,
    error: expect.stringMatching(tooMany),
  });
});
