import { expect, test } from "vitest";
import type { DataQuery } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";
import { FakeDatabase } from "../testing/fake-database.ts";
import { environmentAt, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { requestBudgets } from "../value-budget.ts";
import { SqlSource, statementTimeoutMs } from "./sql-source.ts";

const NUMBER = [{ name: "n", kind: "number" }] as const;
const RANGE = { from: 0, to: 3_600_000 };

function sourceOf(
  answer: ConstructorParameters<typeof FakeDatabase>[0],
  jsonData: Readonly<Record<string, unknown>> = {},
) {
  const environment = environmentAt(0);
  const database = new FakeDatabase(answer);
  const source = new SqlSource(settingsOf("postgres", "db", { jsonData }), environment, database);
  const ask = async (rawSql: string, more: Partial<DataQuery> = {}, signal = never()) =>
    (await source.query([{ ...queryOf({ rawSql, format: "table" }), ...more }], signal)).get("A");
  return { ...environment, database, source, ask };
}

test("a query without SQL has no answer, and opens no connection", async () => {
  const { source, database } = sourceOf(() => undefined);
  expect(await source.query([queryOf({ rawSql: "" }), queryOf({})], never())).toEqual(new Map());
  expect(database.opened).toBe(0);
});

test("an answer contains the SQL that was sent, with macros replaced", async () => {
  const { ask, database } = sourceOf(() => ({ columns: NUMBER, rows: [["1"]] }));
  const answer = await ask("SELECT $__unixEpochFrom()");
  expect(answer).toMatchObject({ status: 200, frames: [{ meta: { executedQueryString: "SELECT 0" } }] });
  expect(database.statements).toEqual([{ sql: "SELECT 0" }]);
});

test("the interval of macros is at least the source's timeInterval", async () => {
  const { ask, database } = sourceOf(() => ({ columns: NUMBER, rows: [] }), { timeInterval: "1m" });
  await ask("SELECT $__interval");
  expect(database.statements).toEqual([{ sql: "SELECT 1m" }]);
});

test("a statement that does not read is never sent", async () => {
  const { ask, database } = sourceOf(() => ({ columns: NUMBER, rows: [] }));
  expect(await ask("DELETE FROM t")).toMatchObject({ status: 400, error: expect.stringContaining('"DELETE"') });
  await expect(sourceOf(() => undefined).source.variableValues("COMMIT", RANGE, never())).rejects.toThrow("COMMIT");
  await expect(sourceOf(() => undefined).source.annotations({ rawQuery: "SET x = 1" }, RANGE, never())).rejects.toThrow(
    "SET",
  );
  expect(database.opened).toBe(0);
});

test("a failed query does not affect the others", async () => {
  const { source } = sourceOf(({ sql }) => {
    if (sql === "SELECT bad") throw new QueryFailure(400, "db query error: bad");
    return { columns: NUMBER, rows: [["1"]] };
  });
  const queries = [queryOf({ rawSql: "SELECT bad" }), queryOf({ rawSql: "SELECT 1", format: "table" }, [0, 60], "B")];
  const answers = await source.query(queries, never());
  expect(answers.get("A")).toMatchObject({ error: "db query error: bad", frames: [{ fields: [] }] });
  expect(answers.get("B")).toMatchObject({ status: 200, frames: [{ length: 1 }] });
});

test("a variable has at most 100,000 options", async () => {
  const rows = Array.from({ length: 100_001 }, (_, row) => [String(row)]);
  const { source } = sourceOf(() => ({ columns: NUMBER, rows }));
  expect(await source.variableValues("SELECT n", RANGE, never())).toHaveLength(100_000);
});

test.each([
  ["bytes", { bytes: 65 * 1024 * 1024, rows: [] }, "the result takes more than 64 MiB"],
  [
    "cells",
    {
      columns: Array.from({ length: 1000 }, () => NUMBER[0]),
      rows: Array.from({ length: 5001 }, () => Array.from({ length: 1000 }, () => "1")),
    },
    "the tables of the request have more than",
  ],
  ["columns", { rows: [], columns: Array.from({ length: 2001 }, () => NUMBER[0]) }, "more than 2000 columns"],
])("a result with too many %s fails", async (_what, result, problem) => {
  const { ask } = sourceOf(() => ({ columns: NUMBER, ...result }));
  const answer = await ask("SELECT n", { budgets: requestBudgets() });
  expect(answer).toMatchObject({ status: 422, error: expect.stringContaining(problem) });
});

test("a statement ends at the time limit of the source", async () => {
  const { ask, clock } = sourceOf(() => undefined, { timeout: 5 });
  const answer = ask("SELECT 1");
  await clock.advance(5000);
  expect(await answer).toMatchObject({ status: 504, error: "the data source did not answer completely within 5 s" });
});

test("a query ends when its client is gone", async () => {
  const { ask } = sourceOf(() => undefined);
  const gone = new AbortController();
  const answer = ask("SELECT 1", {}, gone.signal);
  gone.abort(new Error("gone"));
  await expect(answer).rejects.toThrow("gone");
});

test("the options of a variable are the cells of all columns, once each, or pairs of text and value", async () => {
  const columns = [
    { name: "a", kind: "string" },
    { name: "b", kind: "number" },
  ] as const;
  const rows = [
    ["x", "1"],
    ["y", null],
    ["x", "2"],
  ];
  const flat = sourceOf(() => ({ columns, rows }));
  expect(await flat.source.variableValues("SELECT", RANGE, never())).toEqual(
    ["x", "y", "1", "2"].map((text) => ({ text, value: text })),
  );
  const named = columns.map(({ kind }, i) => ({ name: i === 0 ? "__text" : "__value", kind }));
  const pairs = sourceOf(() => ({ columns: named, rows }));
  expect(await pairs.source.variableValues({ rawSql: "SELECT" }, RANGE, never())).toEqual([{ text: "x", value: "1" }]);
  expect(await pairs.source.variableValues("", RANGE, never())).toEqual([]);
});

test("annotations have a time, an end, a text and tags", async () => {
  const columns = [
    { name: "time", kind: "number" },
    { name: "timeend", kind: "number" },
    { name: "text", kind: "string" },
    { name: "tags", kind: "string" },
  ] as const;
  const rows = [
    ["1700000000", "1700000060", "deploy", "a, b,"],
    ["1700000000", null, null, null],
    [null, null, "without time", null],
  ];
  const { source } = sourceOf(() => ({ columns, rows }));
  const time = 1_700_000_000_000;
  expect(await source.annotations({ target: { rawSql: "SELECT 1" } }, RANGE, never())).toEqual([
    { time, timeEnd: time + 60_000, title: "", text: "deploy", tags: ["a", "b"] },
    { time, title: "", text: "", tags: [] },
  ]);
  const without = sourceOf(() => ({ columns: NUMBER, rows: [["1"]] }));
  await expect(without.source.annotations({ rawQuery: "SELECT 1" }, RANGE, never())).rejects.toThrow(
    "Missing mandatory time column",
  );
});

test("the health reports a failure with its reason", async () => {
  expect(await sourceOf(() => ({ columns: NUMBER, rows: [["1"]] })).source.health(never())).toEqual({
    status: "OK",
    message: "Database Connection OK",
  });
  const { source } = sourceOf(() => {
    throw new QueryFailure(502, "the data source cannot be reached");
  });
  expect(await source.health(never())).toEqual({ status: "ERROR", message: "the data source cannot be reached" });
});

test("the name of a table is a parameter of the statement that lists its columns", async () => {
  const columns = [
    { name: "a", kind: "string" },
    { name: "b", kind: "string" },
  ] as const;
  const { source, database } = sourceOf(() => ({ columns, rows: [["id", "int"]] }));
  const table = "t' OR '1'='1";
  expect(await source.resource("columns", { table }, never())).toEqual({ columns: [{ name: "id", type: "int" }] });
  expect(database.statements).toEqual([{ sql: "COLUMNS", values: [table] }]);
  expect(await source.resource("tables", {}, never())).toEqual({ tables: ["id"] });
  await expect(source.resource("columns", {}, never())).rejects.toThrow("the name of the table is missing");
  await expect(source.resource("rows", {}, never())).rejects.toThrow('not "rows"');
});

test("a closed source answers with the reason", async () => {
  const { source, ask } = sourceOf(() => ({ columns: NUMBER, rows: [] }));
  await source.close();
  expect(await ask("SELECT 1")).toMatchObject({ error: "the data source was closed" });
});

test("a time that no date can represent is refused", async () => {
  const { ask } = sourceOf(() => ({ columns: NUMBER, rows: [] }));
  for (const range of [
    { from: 9e15, to: 9e15 },
    { from: -9e15, to: 0 },
    { from: 0, to: Number.NaN },
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- the message names the range that fails
    expect(await ask("SELECT $__timeFrom()", { range })).toMatchObject({
      status: 400,
      error: expect.stringContaining("the time range of the query"),
    });
  }
});

test("the time limit of a statement is at most the longest delay of a timer", () => {
  const limit = (timeout: number) =>
    statementTimeoutMs(settingsOf("postgres", "db", { jsonData: { timeout } }), environmentAt(0));
  expect(limit(5)).toBe(5000);
  expect(limit(3_000_000)).toBe(2 ** 31 - 1);
});
