// The answers are those of InfluxDB 1.6, and examples of the published API of version 2. The end-to-end test asks a
// real server of version 1.6.
import { type Frame, valueAt } from "@narthex/dashboards";
import { afterEach, expect, test, vi } from "vitest";
import type { DataSource, DataSourceSettings } from "../data-source.ts";
import { openDataSource } from "../registry.ts";
import {
  environmentAt,
  type FakeAnswer,
  FakeServer,
  never,
  queryOf,
  type ReceivedRequest,
  settingsOf,
} from "../testing/fake-server.ts";
import { requestBudgets, ValueBudget } from "../value-budget.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function rig(
  answer: (request: ReceivedRequest) => FakeAnswer | undefined,
  settings: Partial<DataSourceSettings> = {},
) {
  const server = await FakeServer.open(answer);
  const source = openDataSource(settingsOf("influxdb", server.url, settings), environmentAt(10_000_000));
  opened.push(server, source);
  return { server, source };
}

async function ask(source: DataSource, target: Readonly<Record<string, unknown>>) {
  const answers = await source.query([queryOf(target)], never());
  return answers.get("A")!;
}

const raw = (query: string, more = {}): Readonly<Record<string, unknown>> => ({ rawQuery: true, query, ...more });
const series = (...list: readonly unknown[]): FakeAnswer => [200, { results: [{ statement_id: 0, series: list }] }];
const columns = (frame: Frame): unknown =>
  frame.fields.map((field) => [field.name, Array.from({ length: frame.length }, (_, row) => valueAt(field, row))]);

const CPU = {
  name: "cpu.load",
  tags: { dc: "x", host: "a" },
  columns: ["time", "mean", "ok", "msg", "none"],
  values: [
    [1000, 1.5, null, "hi", null],
    [2000, null, true, null, null],
    [null, 3, false, "no time", null],
  ],
};

test("a query returns a frame for each series and column, as Grafana's server does", async () => {
  const { server, source } = await rig(() => series(CPU), { database: "old", jsonData: { dbName: "t" } });
  const { frames, status } = await ask(source, raw("SELECT * FROM cpu WHERE $timeFilter", { policy: "year" }));
  expect(status).toBe(200);
  const text = "SELECT * FROM cpu WHERE time >= 0ms and time <= 60000ms";
  expect(server.requests).toMatchObject([
    { method: "GET", path: "/query", parameters: { db: "t", epoch: "ms", rp: "year", q: text } },
  ]);
  expect(frames.map(({ name }) => name)).toEqual(
    ["mean", "ok", "msg", "none"].map((column) => `cpu.load.${column} { dc: x, host: a }`),
  );
  expect(frames.map(columns)).toEqual([
    [
      ["Time", [1000, 2000]],
      ["Value", [1.5, null]],
    ],
    [
      ["Time", [1000, 2000]],
      ["Value", [null, true]],
    ],
    [
      ["Time", [1000, 2000]],
      ["Value", ["hi", null]],
    ],
    [
      ["Time", [1000, 2000]],
      ["Value", [null, null]],
    ],
  ]);
  expect(frames[0]!.fields[1]).toMatchObject({
    labels: { dc: "x", host: "a" },
    config: { displayNameFromDS: "cpu.load.mean { dc: x, host: a }" },
  });
  expect(frames[0]!.meta).toEqual({ executedQueryString: text, preferredVisualisationType: "graph" });
});

test.each([
  ["$m $measurement $col $tag_host $tag_none $0 $1 $9", "cpu.load cpu.load mean a $tag_none cpu load $9"],
  ["[[m]] [[col]] [[tag_host]] [[ tag_dc ]] [[1]]", "cpu.load mean a x load"],
  ["$__interval $__interval_ms $mean", "15s 15000 $mean"],
])("the alias %j names a series", async (alias, expected) => {
  const { source } = await rig(() => series(CPU));
  const { frames } = await ask(source, raw("SELECT 1", { alias }));
  expect(frames[0]!.name).toBe(expected);
});

test("a table has the time, the tags and the columns of all series", async () => {
  const one = { ...CPU, columns: ["time", "mean"], values: [[1000, 1]] };
  const other = { ...one, tags: { dc: "x", host: "b" }, values: [[null, "x"]] };
  const { source } = await rig(() => series(one, other, { name: "n", columns: ["key"], values: [["a"]] }));
  const { frames } = await ask(source, raw("SELECT 1", { resultFormat: "table" }));
  expect(frames.map(columns)).toEqual([
    [
      ["Time", [1000, null]],
      ["dc", ["x", "x"]],
      ["host", ["a", "b"]],
      ["mean", [1, null]],
    ],
    [["key", ["a"]]],
  ]);
  expect(frames[0]!.meta!.preferredVisualisationType).toBe("table");
});

test("listings without a time return a column of texts", async () => {
  const policies = {
    columns: ["name", "duration", "default"],
    values: [
      ["a", "0s", false],
      ["b", "1h", true],
    ],
  };
  const { source } = await rig(({ parameters }) =>
    parameters["q"]!.includes("POLICIES")
      ? series(policies)
      : series({
          name: "cpu",
          columns: ["key", "value"],
          values: [
            ["host", "a"],
            ["host", "b"],
          ],
        }),
  );
  expect(columns((await ask(source, raw("SHOW RETENTION POLICIES"))).frames[0]!)).toEqual([["Value", ["b", "a"]]]);
  expect(columns((await ask(source, raw("SHOW TAG VALUES WITH KEY = host"))).frames[0]!)).toEqual([
    ["Value", ["a", "b"]],
  ]);
});

test.each([
  [{ results: [{ error: "database not found: x" }] }, 200, 400, "InfluxDB returned error: database not found: x"],
  [{ error: "error parsing query" }, 400, 400, "InfluxDB returned error: error parsing query"],
  ["<html>", 503, 502, "the data source answered 503 Service Unavailable"],
  [{ error: "unable to parse authentication credentials" }, 401, 400, "Authentication to data source failed"],
  [
    { results: [{ series: [{ columns: ["time"], values: [[1, 2]] }] }] },
    200,
    502,
    "more values than the series has columns",
  ],
  [{}, 200, 502, "the data source does not answer as InfluxDB does: the answer has no results"],
  ['{"results":[', 200, 502, "the data source does not answer as InfluxDB does: malformed JSON"],
] as const)("the answer %j is reported", async (body, given, status, error) => {
  const { source } = await rig(() => [given, body]);
  expect(await ask(source, raw("SELECT 1"))).toMatchObject({
    frames: [],
    status,
    error: expect.stringContaining(error),
  });
});

test("statements that write are refused before they are sent", async () => {
  const { server, source } = await rig(() => series());
  for (const text of ["DROP DATABASE x", "SELECT 1; DELETE FROM x", "SELECT a INTO b FROM c"])
    expect(await ask(source, raw(text))).toMatchObject({ status: 400 });
  await expect(source.variableValues!("DROP DATABASE x", { from: 0, to: 1 }, never())).rejects.toThrow("DROP");
  await expect(source.annotations!({ query: "DROP DATABASE x" }, { from: 0, to: 1 }, never())).rejects.toThrow("DROP");
  expect(server.requests).toEqual([]);
});

test("an answer with too many series is cut, and the panel shows why", async () => {
  const many = Array.from({ length: 5 }, (_, at) => ({
    name: `m${at}`,
    columns: ["time", "a", "b"],
    values: [[1, 2, 3]],
  }));
  const { source } = await rig(() => series(...many), { jsonData: { maxSeries: 3 } });
  const { frames } = await ask(source, raw("SELECT 1"));
  expect(frames.map(({ name }) => name)).toEqual(["m0.a", "m0.b", "m1.a"]);
  expect(frames[0]!.meta!.notices).toMatchObject([{ text: expect.stringContaining("more than 3 series") }]);
});

test("messages of the server and left out rows are notices", async () => {
  const results = [
    { messages: [{ level: "warning", text: "old" }], series: [{ columns: ["time", "a"], values: [], partial: true }] },
  ];
  const { source } = await rig(() => [200, { results }]);
  const { frames } = await ask(source, raw("SELECT 1"));
  expect(frames[0]!.meta!.notices!.map(({ text }) => text)).toEqual([
    "old",
    "InfluxDB has left out rows, because its own limit was reached",
  ]);
});

test("filters of the dashboard join the time filter, and a query without it gets a notice", async () => {
  const { server, source } = await rig(() => series());
  const adhocFilters = [{ key: "host", operator: "=", value: "it's" }];
  await ask(source, raw("SELECT 1 WHERE $timeFilter", { adhocFilters }));
  const { frames } = await ask(source, raw("SELECT 1", { adhocFilters }));
  expect(server.requests[0]!.parameters["q"]).toBe(
    String.raw`SELECT 1 WHERE time >= 0ms and time <= 60000ms AND "host" = 'it\'s'`,
  );
  expect(frames[0]!.meta!.notices).toMatchObject([{ text: expect.stringContaining("$timeFilter") }]);
});

test("the cells of a request are limited", async () => {
  const values = Array.from({ length: 1000 }, (_, at) => [at, at]);
  const { source } = await rig(() => series({ name: "m", columns: ["time", "a"], values }));
  const budgets = requestBudgets();
  budgets.cells.take(4_999_000);
  const answers = await source.query([{ ...queryOf(raw("SELECT 1")), budgets }], never());
  expect(answers.get("A")).toMatchObject({ status: 422, error: expect.stringContaining("more than 5000000 cells") });
});

test.each([
  [{ user: "u", secureJsonData: { password: "p" } }, "Basic dTpw"],
  [{ basicAuth: true, basicAuthUser: "b", secureJsonData: { basicAuthPassword: "q", token: "t" } }, "Basic Yjpx"],
  [{ secureJsonData: { token: "t" } }, "Token t"],
  [{ jsonData: { version: "Flux" }, user: "u", secureJsonData: { token: "t" } }, "Token t"],
  [{}, undefined],
])("the settings %j sign in", async (settings, authorization) => {
  const { server, source } = await rig(() => series(), settings);
  await ask(source, raw("SELECT 1"));
  expect(server.requests[0]!.headers.authorization).toBe(authorization);
});

test("queries are sent with POST if the settings say so, or if they are long", async () => {
  const { server, source } = await rig(() => series(), { jsonData: { httpMode: "POST" } });
  await ask(source, raw("SELECT 1"));
  const { server: other, source: get } = await rig(() => series());
  await ask(get, raw(`SELECT 1 -- ${"x".repeat(9000)}`));
  expect([...server.requests, ...other.requests].map(({ method }) => method)).toEqual(["POST", "POST"]);
});

test("SQL of version 3 is refused with the reason", async () => {
  const { source } = await rig(() => series(), { jsonData: { version: "SQL" } });
  expect(await ask(source, raw("SELECT 1"))).toMatchObject({ error: expect.stringContaining("Flight SQL") });
});

test("variables list the values of tags, or the columns of a query", async () => {
  const { server, source } = await rig(({ parameters }) =>
    parameters["q"]!.startsWith("SHOW")
      ? series(
          {
            columns: ["key", "value"],
            values: [
              ["h", "a"],
              ["h", "b"],
            ],
          },
          { columns: ["key", "value"], values: [["h", "a"]] },
        )
      : series({
          columns: ["time", "v", "w"],
          values: [
            [1, 5, "x"],
            [2, null, "x"],
          ],
        }),
  );
  const values = async (query: string | Readonly<Record<string, unknown>>): Promise<unknown> =>
    (await source.variableValues!(query, { from: 0, to: 1000 }, never())).map(({ value }) => value);
  expect(await values("SHOW TAG VALUES WITH KEY = h")).toEqual(["a", "b"]);
  expect(await values({ query: "SELECT v, w FROM m WHERE $timeFilter", refId: "x" })).toEqual(["5", "x"]);
  expect(server.requests[1]!.parameters["q"]).toBe("SELECT v, w FROM m WHERE time >= 0ms and time <= 1000ms");
  expect(await values("")).toEqual([]);
});

test("annotations have the configured columns, or the first column as text", async () => {
  const rows = [
    [1000, "Deploy", "v2", "a, b", 5000],
    [2000, "Stop", null, "", null],
  ];
  const { source } = await rig(() => series({ columns: ["time", "title", "text", "tags", "end"], values: rows }));
  const query = {
    query: "SELECT 1",
    textColumn: "text",
    titleColumn: "title",
    tagsColumn: "tags",
    timeEndColumn: "end",
  };
  const range = { from: 0, to: 10_000 };
  expect(await source.annotations!(query, range, never())).toEqual([
    { time: 1000, timeEnd: 5000, title: "Deploy", text: "v2", tags: ["a", "b"] },
    { time: 2000, title: "Stop", text: "", tags: [] },
  ]);
  expect(await source.annotations!({ target: { query: "SELECT 1" } }, range, never())).toMatchObject([
    { text: "Deploy" },
    { text: "Stop" },
  ]);
});

test("the test of the source counts measurements", async () => {
  const { source } = await rig(() => series({ name: "measurements", columns: ["name"], values: [["a"], ["b"]] }));
  expect(await source.health(never())).toEqual({
    status: "OK",
    message: "datasource is working. 2 measurements found",
  });
  const { source: broken } = await rig(() => [200, { results: [{ error: "no" }] }]);
  expect(await broken.health(never())).toMatchObject({ status: "ERROR", message: expect.stringContaining("no") });
});

test("the names of measurements, fields and tags are listed for completion", async () => {
  const { server, source } = await rig(({ parameters }) =>
    series({ columns: ["key"], values: [[parameters["q"]!.includes("FIELD") ? "f" : "t"]] }),
  );
  expect(await source.resource!("tables", {}, never())).toEqual({ tables: ["t"] });
  expect(await source.resource!("columns", { table: 'a"b' }, never())).toEqual({
    columns: [
      { name: "f", type: "field" },
      { name: "t", type: "tag" },
    ],
  });
  expect(server.requests[1]!.parameters["q"]).toBe(String.raw`SHOW FIELD KEYS FROM "a\"b"`);
  await expect(source.resource!("x", {}, never())).rejects.toThrow('unknown listing "x"');
});

test("an aborted query ends, and so does its request", async () => {
  const { server, source } = await rig(() => undefined);
  const stop = new AbortController();
  const running = source.query([queryOf(raw("SELECT 1"))], stop.signal);
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  stop.abort(new Error("gone"));
  await expect(running).rejects.toThrow("gone");
});

test("names and tags that would be repeated in many frames or rows are refused", async () => {
  const long = "x".repeat(1_000_000);
  const wide = {
    name: "m",
    tags: { long },
    columns: ["time", ...Array.from({ length: 40 }, (_, at) => `c${at}`)],
    values: [[1000, ...Array.from({ length: 40 }, () => 1)]],
  };
  const tall = {
    name: "m",
    tags: { long },
    columns: ["time", "v"],
    values: Array.from({ length: 40 }, (_, at) => [at, 1]),
  };
  let answer = wide as object;
  const { source } = await rig(() => series(answer));
  const refusal = { status: 422, error: expect.stringContaining("the names and tags of the series have more than") };
  expect(await ask(source, raw("SELECT * FROM m"))).toMatchObject(refusal);
  answer = tall;
  expect(await ask(source, raw("SELECT * FROM m", { resultFormat: "table" }))).toMatchObject(refusal);
});

test("an alias shows at most 1000 characters of a tag, however often the alias repeats it", async () => {
  const { source } = await rig(() =>
    series({ name: "m", tags: { host: "h".repeat(5000) }, columns: ["time", "v"], values: [[1000, 1]] }),
  );
  const { frames } = await ask(source, raw("SELECT v FROM m", { alias: "$tag_host ".repeat(500) }));
  expect(frames[0]!.name).toHaveLength(100 * 1001);
});

test("the queries of a request cannot return many answers of one long text each", async () => {
  const { source } = await rig(() =>
    series({ name: "m", columns: ["time", "v"], values: [[1000, "x".repeat(20_000)]] }),
  );
  const budgets = { ...requestBudgets(), cells: new ValueBudget(1000, "the request has too many cells") };
  const queries = Array.from({ length: 5 }, (_, at) => ({
    ...queryOf(raw(`SELECT v FROM m WHERE a = ${at}`), [0, 60], `Q${at}`),
    budgets,
  }));
  const answers = await source.query(queries, never());
  const errors = [...answers.values()].map(({ error }) => error);
  expect(errors.filter((error) => error === "the request has too many cells")).toHaveLength(2);
});
