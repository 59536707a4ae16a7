import { expect, test } from "vitest";
import type { DataSource } from "../data-source.ts";
import { openDataSource } from "../registry.ts";
import { environmentAt, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { UnavailableSource } from "../unavailable-source.ts";
import { runQueries, sourceReference } from "./run-queries.ts";

const testData = openDataSource(settingsOf("testdata", ""), environmentAt(0));
const broken: DataSource = { ...testData, query: () => Promise.reject(new Error("broken")) };
const sources: Readonly<Record<string, DataSource>> = { "": testData, t: testData, broken };
const context = { user: "", sourceOf: (reference: string): DataSource | undefined => sources[reference] };

const csv = (refId: string, stringInput: string, more = {}) =>
  queryOf({ scenarioId: "csv_metric_values", stringInput, datasource: { uid: "t" }, ...more }, [0, 60], refId);
const expr = (refId: string, source: object) => queryOf({ datasource: { uid: "__expr__" }, ...source }, [0, 60], refId);

test("each query is sent to the source that it names, and a failure affects only its own refId", async () => {
  const answers = await runQueries(
    [
      csv("A", "1,2"),
      csv("B", "1", { datasource: "broken" }),
      csv("C", "1", { datasource: { uid: "gone" } }),
      csv("D", "1", { datasource: null }),
    ],
    never(),
    context,
  );
  expect([...answers].map(([refId, { status, error }]) => [refId, status, error])).toEqual([
    ["A", 200, undefined],
    ["B", 500, "An error within the server was encountered; its log says more"],
    ["C", 404, 'data source "gone" was not found'],
    ["D", 200, undefined],
  ]);
});

test("a mixed source queries other sources, and never itself", async () => {
  const mixed = openDataSource(settingsOf("mixed", ""), environmentAt(0));
  const withMixed = { ...context, sourceOf: (one: string) => (one === "m" ? mixed : context.sourceOf(one)) };
  const itself = ["-- Mixed --", "m"].map((uid) => csv(uid, "1", { datasource: { uid } }));
  const answers = await mixed.query([csv("A", "1,2"), ...itself], never(), withMixed);
  const problem = "a query of mixed sources has to name its own data source";
  expect([...answers].map(([refId, { frames, error }]) => [refId, frames.length, error])).toEqual([
    ["A", 1, undefined],
    ["-- Mixed --", 0, problem],
    ["m", 0, problem],
  ]);
});

test("a mixed source queries only the sources that the sender may query", async () => {
  const mixed = openDataSource(settingsOf("mixed", ""), environmentAt(0));
  const forbidden = new UnavailableSource("forbidden", 403);
  const sender = { user: "", sourceOf: (one: string) => (one === "t" ? forbidden : testData) };
  const answers = await mixed.query([csv("A", "1"), csv("B", "1", { datasource: { uid: "other" } })], never(), sender);
  expect([...answers].map(([refId, { status, error }]) => [refId, status, error])).toEqual([
    ["A", 403, "forbidden"],
    ["B", 200, undefined],
  ]);
});

test("expressions are computed from answers and from each other, including answers of hidden queries", async () => {
  const answers = await runQueries(
    [
      csv("A", "1,2,3", { hide: true }),
      csv("X", "5", { hide: true }),
      expr("D", { type: "threshold", expression: "C", conditions: [{ evaluator: { type: "gt", params: [5] } }] }),
      expr("C", { type: "math", expression: "$B * 2 + ${A} ** 2 / 2 - abs(-1)" }),
      expr("B", { type: "reduce", expression: "$A", reducer: "mean" }),
      expr("E", { type: "resample", expression: "A", window: "15s", downsampler: "last", upsampler: "pad" }),
    ],
    never(),
    context,
  );
  const values = (refId: string) => Array.from(answers.get(refId)!.frames[0]!.fields.at(-1)!.values as Float64Array);
  expect([...answers.keys()].toSorted()).toEqual(["B", "C", "D", "E"]);
  expect(values("B")).toEqual([2]);
  expect(values("C")).toEqual([3.5, 5, 7.5]);
  expect(values("D")).toEqual([0, 0, 1]);
  expect(values("E")).toEqual([1, 1, 2, 2, 3]);
});

test.each([
  [{ type: "math", expression: "$A +" }, "the expression ends too early"],
  [{ type: "math", expression: "$A # 1" }, 'the expression cannot be read from "# 1" on'],
  [{ type: "math", expression: "what($A)" }, "there is no function what of 1 arguments"],
  [{ type: "math", expression: "$Z" }, "there is no query Z"],
  [{ type: "math", expression: "$E" }, "depends on itself"],
  [{ type: "math", expression: "(".repeat(5000) }, "nested more than 100 levels deep"],
  [{ type: "reduce", expression: "A", reducer: "guess" }, 'there is no reducer "guess"'],
  [{ type: "resample", expression: "A", window: "" }, 'the window "" is not a duration'],
  [{ type: "threshold", expression: "A" }, 'there is no threshold of type ""'],
  [{ type: "prql", expression: "from A" }, 'expressions of type "prql" are not supported'],
  [{ type: "sql", expression: "select 1" }, "SQL expressions are not available here"],
])("an invalid expression is reported: %j", async (source, error) => {
  const answers = await runQueries([csv("A", "1,2"), expr("E", source)], never(), context);
  expect(answers.get("E")).toMatchObject({ status: 400, error: expect.stringContaining(error) });
});

test("series are joined by their labels", async () => {
  const walk = (refId: string, labels: string) =>
    queryOf(
      { scenarioId: "random_walk", seriesCount: 2, startValue: 1, spread: 0, labels, datasource: "t" },
      [0, 60],
      refId,
    );
  const answers = await runQueries(
    [
      walk("A", "n=$seriesIndex"),
      walk("B", "n=$seriesIndex,job=b"),
      walk("C", "m=1"),
      expr("D", { type: "math", expression: "$A + $B" }),
      expr("E", { type: "math", expression: "$B + $C" }),
      expr("F", { type: "math", expression: "$A > 0 && !($A > 2)" }),
    ],
    never(),
    context,
  );
  expect(answers.get("D")!.frames.map(({ fields }) => ({ ...fields[1]!.labels }))).toEqual([
    { n: "0", job: "b" },
    { n: "1", job: "b" },
  ]);
  expect(answers.get("E")!.frames).toEqual([]);
  expect(answers.get("F")!.frames[0]!.fields[1]!.values).toEqual(new Float64Array(5).fill(1));
});

test("a target refers to its source by uid, name or type", () => {
  const references = [{ uid: "u", type: "t" }, "n", { type: "__expr__" }, null, 7, undefined];
  expect(references.map((datasource) => sourceReference({ datasource }))).toEqual(["u", "n", "__expr__", "", "", ""]);
});

test("an expression that would compute too many values is refused, however short it is", async () => {
  const walk = { ...queryOf({ datasource: "t" }, [0, 600], "A"), intervalMs: 1, maxDataPoints: 20_000 };
  const sum = (count: number) => ({ type: "math", expression: Array(count).fill("$A").join(" + ") });
  const many = queryOf({ seriesCount: 300, datasource: "t" }, [0, 60], "B");
  const fine = { type: "resample", expression: "B", window: "1ms", downsampler: "last", upsampler: "pad" };
  const queries = [walk, many, expr("F", fine), expr("S", sum(20)), expr("L", sum(400))];
  const answers = await runQueries(queries, never(), context);
  expect(["F", "S", "L"].map((refId) => answers.get(refId)!.status)).toEqual([422, 200, 422]);
  expect(answers.get("F")!.error).toContain("more than 10000000 values");
});

test("a threshold with a second condition for recovery uses the first, because panels have no earlier result", async () => {
  const conditions = [{ evaluator: { type: "gt", params: [2] }, unloadEvaluator: { type: "lt", params: [1] } }];
  const answers = await runQueries(
    [csv("A", "1,2,3"), expr("T", { type: "threshold", expression: "A", conditions })],
    never(),
    context,
  );
  expect(answers.get("T")!.frames[0]!.fields.at(-1)!.values).toEqual(Float64Array.of(0, 0, 1));
});
