import { type Frame, valueAt } from "@narthex/dashboards";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { type DataSource, type DataSourceSettings, UNKNOWN_SENDER } from "../data-source.ts";
import { runQueries } from "../mixed/run-queries.ts";
import { openDataSource } from "../registry.ts";
import {
  type ReceivedRequest,
  environmentAt,
  type FakeAnswer,
  FakeServer,
  never,
  queryOf,
  settingsOf,
} from "../testing/fake-server.ts";
import { requestBudgets, ValueBudget } from "../value-budget.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const data = (resultType: string, result: unknown, more = {}): FakeAnswer => [
  200,
  { status: "success", data: { resultType, result }, ...more },
];

async function rig(
  answer: (request: ReceivedRequest) => FakeAnswer | undefined,
  settings: Partial<DataSourceSettings> = {},
  now = 10_000_000,
) {
  const server = await FakeServer.open(answer);
  const environment = environmentAt(now);
  const source = openDataSource(settingsOf("prometheus", server.url, settings), environment);
  opened.push(server, source);
  return { server, source, environment };
}

async function ask(source: DataSource, target: Readonly<Record<string, unknown>>, range: [number, number] = [0, 60]) {
  const answers = await source.query([queryOf(target, range)], never());
  return answers.get("A")!;
}

const shown = (frame: Frame): unknown => ({
  type: frame.meta?.type,
  columns: frame.fields.map(({ name }) => name),
  rows: Array.from({ length: frame.length }, (_, row) => frame.fields.map((field) => valueAt(field, row))),
});

const UP = {
  metric: { __name__: "up", job: "a" },
  values: [
    [15, "1"],
    [30, "NaN"],
    [45.001, "+Inf"],
  ],
};

test("a range query returns a frame for each series, with its step and its name", async () => {
  const { server, source } = await rig(() => data("matrix", [UP, { metric: {}, values: [[15, "-2e3"]] }]));
  const { frames, status } = await ask(source, { expr: "up", legendFormat: "" });
  expect(status).toBe(200);
  expect(server.requests).toMatchObject([
    {
      method: "POST",
      path: "/api/v1/query_range",
      parameters: { query: "up", start: "0", end: "60", step: "15", timeout: "60s" },
    },
  ]);
  expect(frames.map(shown)).toEqual([
    {
      type: "timeseries-multi",
      columns: ["Time", "Value"],
      rows: [
        [15_000, 1],
        [30_000, NaN],
        [45_001, Infinity],
      ],
    },
    { type: "timeseries-multi", columns: ["Time", "Value"], rows: [[15_000, -2000]] },
  ]);
  expect(frames[0]).toMatchObject({
    refId: "A",
    name: 'up{job="a"}',
    meta: { custom: { resultType: "matrix" }, executedQueryString: "Expr: up\nStep: 15s" },
  });
  expect(frames[0]!.fields[0]!.config).toEqual({ interval: 15_000 });
  expect(frames[0]!.fields[1]).toMatchObject({ labels: UP.metric, config: { displayNameFromDS: 'up{job="a"}' } });
  // A series without labels is named after the query, because `{}` is not a useful name.
  expect(frames[1]!.name).toBe("up");
});

test.each([
  ["{{job}} of {{ missing }}{{", "a of {{"],
  ["__auto", undefined],
  ["all", "all"],
])("the legend %s names a series %s", async (legendFormat, name) => {
  const { source } = await rig(() => data("matrix", [UP]));
  const { frames } = await ask(source, { expr: "up", legendFormat });
  expect(frames[0]!.fields[1]!.config.displayNameFromDS).toBe(name);
});

test("built-in variables are replaced, and the step is so large that the server accepts the range", async () => {
  const { server, source } = await rig(() => data("matrix", []));
  const expr =
    "rate(a[$__rate_interval]) + $__interval_ms + ${__range_s} + sum_over_time(b[$__interval:]) + $__range_ms + c[$__range] + $__ranger";
  await ask(source, { expr, interval: "20s", intervalFactor: 2, utcOffsetSec: 7 }, [100, 4000]);
  expect(server.requests[0]!.parameters).toMatchObject({
    query: "rate(a[1m20s]) + 60000 + 3900 + sum_over_time(b[1m:]) + 3900000 + c[3900s] + $__ranger",
    step: "60",
    start: "53",
    end: "3953",
  });
  await ask(source, { expr: "a", interval: "$__rate_interval", intervalFactor: 9 }, [0, 60]);
  expect(server.requests[1]!.parameters).toMatchObject({ step: "60" });
  // The server would refuse a range of a year with a step of 1 ms.
  await source.query([{ ...queryOf({ expr: "a", interval: "1ms" }, [0, 31_536_000]), maxDataPoints: 1e9 }], never());
  expect(server.requests[2]!.parameters).toMatchObject({ step: "3600" });
});

test("filters are added to every selector", async () => {
  const { server, source } = await rig(() => data("matrix", []));
  const adhocFilters = [
    { key: "job", operator: "=~", value: "a.*" },
    { key: "pod", operator: "=|", value: "", values: ["x", "y.z"] },
  ];
  await ask(source, { expr: 'sum by (job) (rate(a{b="c"}[5m])) / b', adhocFilters });
  expect(server.requests[0]!.parameters["query"]).toBe(
    String.raw`sum by (job) (rate(a{b="c",job=~"a.*",pod=~"x|y\\.z"}[5m])) / b{job=~"a.*",pod=~"x|y\\.z"}`,
  );
  expect(await ask(source, { expr: "a", adhocFilters: [{ key: "a", operator: "=~", value: "(" }] })).toMatchObject({
    status: 400,
    error: expect.stringContaining("filter on a"),
  });
  expect(await ask(source, { expr: "a(", adhocFilters })).toMatchObject({
    status: 400,
    error: expect.stringContaining("filters cannot be added"),
  });
});

test("a table has a column for each label and a row for each sample", async () => {
  const vector = [
    { metric: { __name__: "up", job: "a" }, value: [60, "1"] },
    { metric: { __name__: "up", zone: "z" }, value: [60, "0"] },
  ];
  const { source } = await rig(() => data("vector", vector));
  const target = { expr: "up", instant: true, format: "table" };
  const { frames } = await ask(source, target);
  expect(frames.map(shown)).toEqual([
    {
      type: "table",
      columns: ["Time", "__name__", "job", "zone", "Value"],
      rows: [
        [60_000, "up", "a", "", 1],
        [60_000, "up", "", "z", 0],
      ],
    },
  ]);
  const both = await source.query([queryOf(target), queryOf(target, [0, 60], "B")], never());
  expect(both.get("B")!.frames[0]!.fields.at(-1)!.name).toBe("Value #B");
});

test("classic histograms become rows of a heatmap, and each value is the count of one bucket alone", async () => {
  const bucket = (le: string, ...values: [number, string][]) => ({ metric: { le, job: "a" }, values });
  const { source } = await rig(() =>
    data("matrix", [
      bucket("+Inf", [15, "30"], [30, "9"]),
      bucket("10", [15, "20"]),
      bucket("2", [15, "5"], [30, "9"]),
    ]),
  );
  const { frames } = await ask(source, { expr: "h", format: "heatmap" });
  expect(frames.map(shown)).toEqual([
    {
      type: "heatmap-rows",
      columns: ["Time", "2", "10", "+Inf"],
      rows: [
        [15_000, 5, 15, 10],
        [30_000, 9, null, 9],
      ],
    },
  ]);
});

test("native histograms become heatmap cells, and in a table their count and sum are shown", async () => {
  const histogram = {
    count: "3",
    sum: "4.5",
    buckets: [
      [1, "-1", "1", "1"],
      [0, "1", "2", "2"],
    ],
  };
  const { source } = await rig(() => data("matrix", [{ metric: { a: "b" }, histograms: [[15, histogram]] }]));
  const { frames } = await ask(source, { expr: "h" });
  expect(frames.map(shown)).toEqual([
    {
      type: "heatmap-cells",
      columns: ["xMax", "yMin", "yMax", "count", "yLayout"],
      rows: [
        [15_000, -1, 1, 1, 1],
        [15_000, 1, 2, 2, 0],
      ],
    },
  ]);
  const table = await ask(source, { expr: "h", format: "table" });
  expect(table.frames.map(shown)).toEqual([
    { type: "table", columns: ["Time", "a", "Value", "Count", "Sum"], rows: [[15_000, "b", null, 3, 4.5]] },
  ]);
});

test("scalars and strings are read, whatever the order of keys", async () => {
  const { source } = await rig(({ parameters }) =>
    parameters["query"] === "1"
      ? [200, '{"status":"success","data":{"result":[60.5,"1"],"resultType":"scalar"}}']
      : data("string", [60, "text"]),
  );
  const scalar = await ask(source, { expr: "1", instant: true });
  expect(scalar.frames.map(shown)).toEqual([
    { type: "numeric-multi", columns: ["Time", "Value"], rows: [[60_500, 1]] },
  ]);
  const string = await ask(source, { expr: '"text"', instant: true });
  expect(string.frames.map(shown)).toEqual([
    { type: "timeseries-multi", columns: ["Time", "Value"], rows: [[60_000, "text"]] },
  ]);
});

test("range, instant and exemplar queries of a target run concurrently, and a failure of one does not affect the others", async () => {
  const exemplars = [15, 16, 20].map((timestamp) => ({
    labels: { trace_id: `t${timestamp}` },
    value: String(timestamp),
    timestamp,
  }));
  const { source } = await rig(
    ({ path }) => {
      if (path.endsWith("query_range")) return [422, { status: "error", errorType: "execution", error: "too many" }];
      if (path.endsWith("query")) return data("vector", [{ metric: { job: "a" }, value: [60, "1"] }]);
      return [200, { status: "success", data: [{ seriesLabels: { job: "a" }, exemplars }] }];
    },
    {
      jsonData: {
        exemplarTraceIdDestinations: [
          { name: "trace_id", url: "http://traces/${__value.raw}" },
          { name: "trace_id", datasourceUid: "t1", urlDisplayLabel: "Trace", url: "not used" },
          { name: "other", datasourceUid: "t1" },
        ],
      },
    },
  );
  const { frames, error, status } = await ask(source, { expr: "a", range: true, instant: true, exemplar: true });
  expect([error, status]).toEqual(["execution: too many", 422]);
  expect(frames.map(shown)).toMatchObject([
    { columns: ["Time", "Value"] },
    {
      type: "annotations",
      columns: ["Time", "Value", "job", "trace_id"],
      rows: [
        [15_000, 15, "a", "t15"],
        [20_000, 20, "a", "t20"],
      ],
    },
  ]);
  expect(frames[1]!.fields[3]!.config.links).toMatchObject([
    { title: "Go to http://traces/${__value.raw}", url: "http://traces/${__value.raw}" },
    { title: "Trace", url: "", internal: { datasourceUid: "t1", query: { query: "${__value.raw}" } } },
  ]);
});

test("if the source does not support exemplars, the query is answered with a notice", async () => {
  const { source } = await rig(({ path }) =>
    path.endsWith("query_exemplars") ? [404, "404 page not found"] : data("matrix", [UP]),
  );
  const target = { expr: "up", exemplar: true };
  const { frames, error, status } = await ask(source, target);
  expect([error, status, frames.length]).toEqual([undefined, 200, 1]);
  expect(frames[0]!.meta).toMatchObject({
    notices: [{ severity: "info", text: "no exemplars: the data source answered 404 Not Found: 404 page not found" }],
    executedQueryString: "Expr: up\nStep: 15s",
  });
  // The exemplar query of target A has failed, but expressions over A still get the values of A.
  const last = queryOf({ datasource: "__expr__", type: "reduce", reducer: "last", expression: "A" }, [0, 60], "B");
  const answers = await runQueries([queryOf(target), last], never(), { user: "", sourceOf: () => source });
  expect(answers.get("B")!.frames.map(shown)).toMatchObject([{ rows: [[Infinity]] }]);
});

/** Returns series that have no label name in common. A table of n such series has n × n cells. */
const strangers = (count: number): unknown[] =>
  Array.from({ length: count }, (_, i) => ({ metric: { [`l${i}`]: "v" }, value: [60, "1"] }));

test("a table with too many cells is refused before it is built", async () => {
  const { source } = await rig(() => data("vector", strangers(2237)));
  const table = await ask(source, { expr: "a", instant: true, format: "table" });
  expect(table).toEqual({
    frames: [],
    status: 422,
    error: "the tables of the request have more than 5000000 cells; ask for fewer series, labels or points",
  });
  const series = await ask(source, { expr: "a", instant: true });
  expect([series.status, series.frames.length]).toEqual([200, 2237]);
});

test("all tables of a request share a limit of cells", async () => {
  const { source } = await rig(() => data("vector", strangers(1500)));
  const target = { expr: "a", instant: true, format: "table" };
  const queries = ["A", "B", "C"].map((refId) => queryOf(target, [0, 60], refId));
  const answers = await source.query(queries, never());
  expect([...answers.values()].map(({ status }) => status).sort()).toEqual([200, 200, 422]);
});

test("heatmaps of series that have no common times are refused before they are built", async () => {
  const buckets = Array.from({ length: 2237 }, (_, i) => ({ metric: { le: String(i) }, values: [[i, "1"]] }));
  const { source } = await rig(() => data("matrix", buckets));
  expect((await ask(source, { expr: "a", format: "heatmap" })).status).toBe(422);
});

test("exemplars with too many labels are left out, with a notice", async () => {
  const labelled = (i: number): unknown => ({
    seriesLabels: {},
    exemplars: [{ labels: { [`l${i}`]: "v" }, value: "1", timestamp: i * 15 }],
  });
  const { source } = await rig(({ path }) =>
    path.endsWith("query_exemplars")
      ? [200, { status: "success", data: Array.from({ length: 2237 }, (_, i) => labelled(i)) }]
      : data("matrix", [UP]),
  );
  const { frames, status } = await ask(source, { expr: "up", exemplar: true });
  expect([status, frames.length]).toEqual([200, 1]);
  expect(frames[0]!.meta!.notices![0]!.text).toMatch(/^no exemplars: the tables of the request have more than/);
});

test("an answer may have more series than a function call may have arguments", async () => {
  const series = Array.from({ length: 150_000 }, () => ({ metric: {}, value: [60, "1"] }));
  const { source } = await rig(() => data("vector", series));
  const { frames, status } = await ask(source, { expr: "a", instant: true });
  expect([status, frames.length]).toEqual([200, 150_000]);
});

test("warnings and infos of the server are returned with the data, even if the data is empty", async () => {
  const notes = { warnings: ["w"], infos: ["i"] };
  const { source } = await rig(({ parameters }) => data("matrix", parameters["query"] === "up" ? [UP] : [], notes));
  const notices = [
    { severity: "warning", text: "w" },
    { severity: "info", text: "i" },
  ];
  expect((await ask(source, { expr: "up" })).frames[0]!.meta).toMatchObject({ notices });
  expect((await ask(source, { expr: "down" })).frames).toMatchObject([{ length: 0, meta: { notices } }]);
});

test.each([
  [400, { status: "error", errorType: "bad_data", error: "1:1: parse error" }, 400, "bad_data: 1:1: parse error"],
  [503, { status: "error", errorType: "timeout", error: "query timed out" }, 504, "timeout: query timed out"],
  [401, "go away", 400, "Authentication to data source failed"],
  [500, "<html>broken</html>", 502, "the data source answered 500 Internal Server Error"],
  [404, "nothing\n here", 400, "the data source answered 404 Not Found: nothing here"],
  [200, "<html>", 502, "the data source does not answer as Prometheus does: the answer is not a JSON object"],
  [
    200,
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{}',
    502,
    "the data source does not answer as Prometheus does: the answer is incomplete",
  ],
  [
    200,
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[2,"1"],[1,"1"]]}]}}',
    502,
    "the data source does not answer as Prometheus does: samples are not in order of time",
  ],
  [
    200,
    '{"status":"success","data":{"resultType":"magic","result":[]}}',
    502,
    'the data source answered a result of type "magic" that cannot be read',
  ],
])("an answer %i %j of the server becomes %i %s", async (given, body, status, error) => {
  const { source } = await rig(() => [given, body]);
  expect(await ask(source, { expr: "a" })).toEqual({ frames: [], status, error });
  expect(await source.health(never())).toEqual({
    status: "ERROR",
    message: `${error} - There was an error returned querying the Prometheus API.`,
  });
});

test("the error about an unreachable server does not contain its address", async () => {
  const { server, source } = await rig(() => data("scalar", [0, "2"]));
  expect(await source.health(never())).toEqual({ status: "OK", message: "Successfully queried the Prometheus API." });
  await server.close();
  const { status, error } = await ask(source, { expr: "a" });
  expect([status, error]).toEqual([502, "the data source cannot be reached: connect: connection refused"]);
  opened.splice(0, 1);
});

test("a request that gets no answer ends at its timeout, or when its client disconnects", async () => {
  const { source, environment, server } = await rig(() => undefined, { jsonData: { timeout: 5 } });
  const late = ask(source, { expr: "a" });
  while (server.requests.length < 1) await new Promise((resolve) => setImmediate(resolve));
  await environment.clock.advance(5000);
  expect(await late).toMatchObject({ status: 504, error: "the data source did not answer completely within 5 s" });
  const left = new AbortController();
  const answer = source.query([queryOf({ expr: "b" })], left.signal);
  while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  left.abort(new Error("left"));
  await expect(answer).rejects.toThrow("left");
  while (environment.desk.slots.running > 0) await new Promise((resolve) => setImmediate(resolve));
});

test("credentials, headers and parameters in the settings are sent with each request", async () => {
  const { server, source } = await rig(() => data("matrix", []), {
    basicAuth: true,
    basicAuthUser: "u",
    jsonData: {
      httpMethod: "GET",
      httpHeaderName1: "X-Scope-OrgID",
      customQueryParameters: "max_source_resolution=5m&dedup=true",
    },
    secureJsonData: { basicAuthPassword: "p", httpHeaderValue1: "tenant" },
  });
  await ask(source, { expr: "a" });
  expect(server.requests[0]).toMatchObject({
    method: "GET",
    parameters: { query: "a", max_source_resolution: "5m", dedup: "true" },
    headers: { authorization: `Basic ${btoa("u:p")}`, "x-scope-orgid": "tenant", "user-agent": "test" },
  });
});

test("secrets are not sent after a redirect to another host, but are sent after a redirect on the same host", async () => {
  const other = await FakeServer.open(() => data("matrix", [UP]));
  opened.push(other);
  const { server, source } = await rig(
    ({ path, parameters }) => {
      if (path.startsWith("/moved")) return data("matrix", []);
      const place = parameters["query"] === "far" ? other.url.replace("127.0.0.1", "localhost") : "";
      return [307, "", { location: `${place}/moved${path}` }];
    },
    { jsonData: { httpHeaderName1: "X-Key" }, secureJsonData: { httpHeaderValue1: "k", bearerToken: "t" } },
  );
  await ask(source, { expr: "near" });
  expect(server.requests[1]!.headers).toMatchObject({ authorization: "Bearer t", "x-key": "k" });
  expect(server.requests[1]!.parameters["query"]).toBe("near");
  expect((await ask(source, { expr: "far" })).frames).toHaveLength(1);
  expect(other.requests[0]!.headers).not.toHaveProperty("authorization");
  expect(other.requests[0]!.headers).not.toHaveProperty("x-key");
});

test("secrets are not sent after a redirect to another port of the same host", async () => {
  const other = await FakeServer.open(() => data("matrix", [UP]));
  opened.push(other);
  const { source } = await rig(() => [307, "", { location: `${other.url}/api/v1/query_range` }], {
    secureJsonData: { bearerToken: "t" },
  });
  expect((await ask(source, { expr: "a" })).frames).toHaveLength(1);
  expect(other.requests[0]!.headers).not.toHaveProperty("authorization");
});

test.each([
  ["http://169.254.169.254", "addresses of the link"],
  ["http://2852039166", "addresses of the link"],
  ["http://[::ffff:169.254.169.254]", "addresses of the link"],
  ["http://[fe80::1]", "addresses of the link"],
  ["http://user@127.0.0.1", "holds a user or a password"],
])("a source at %s is refused, and so is a redirect to it", async (url, problem) => {
  const { source } = await rig(() => [307, "", { location: url }]);
  const direct = openDataSource(settingsOf("prometheus", url), environmentAt(0));
  for (const one of [source, direct]) expect((await ask(one, { expr: "a" })).error).toContain(problem);
});

test("a bug affects only its own query, and the error is returned so that it can be logged", async () => {
  const { source, environment } = await rig(() => data("matrix", [UP]));
  const fault = new TypeError("of undefined");
  environment.desk.flights.join = () => Promise.reject(fault);
  expect(await ask(source, { expr: "a" })).toEqual({
    frames: [],
    status: 500,
    error: "An error within the server was encountered; its log says more",
    fault,
  });
});

test("twenty viewers of the same panel cause one request, which counts for one user", async () => {
  const { server, source, environment } = await rig(() => data("matrix", [UP]));
  const users = Array.from({ length: 20 }, (_, i) => `user${i}`);
  const answers = await Promise.all(
    users.map((user) => source.query([queryOf({ expr: "up" })], never(), { ...UNKNOWN_SENDER, user })),
  );
  expect(answers.every((answer) => answer.get("A")!.frames.length === 1)).toBe(true);
  expect(server.requests).toHaveLength(1);
  expect([...environment.desk.slots.accounts.keys()]).toEqual(["user0"]);
  expect(environment.desk.slots.accounts.get("user0")!.bytes).toBeGreaterThan(100);
});

test.each([
  ["plain", (body: string) => body, {}],
  ["gzip", (body: string) => gzipSync(body), { "content-encoding": "gzip" }],
])("after a 405 (%s) of a server without POST, all requests use GET", async (_, packed, headers) => {
  const refusal = packed("not allowed".repeat(10_000));
  const { server, source } = await rig(({ method }) =>
    method === "POST" ? [405, refusal, headers] : data("matrix", [UP]),
  );
  expect((await ask(source, { expr: "a" })).frames).toHaveLength(1);
  await ask(source, { expr: "b" });
  expect(server.requests.map(({ method }) => method)).toEqual(["POST", "GET", "GET"]);
});

test("an identical query is sent once, and a refresh queries only the end of the range", async () => {
  const now = 3_600_000;
  const { server, source, environment } = await rig(
    ({ parameters: { start, end, step } }) => {
      const values: [number, string][] = [];
      for (let at = Number(start); at <= Number(end); at += Number(step)) values.push([at, String(at)]);
      return data("matrix", [{ metric: { a: "b" }, values }]);
    },
    {},
    now,
  );
  const target = { expr: "a", interval: "60s" };
  const [first] = await Promise.all([ask(source, target, [0, 3600]), ask(source, target, [0, 3600])]);
  await environment.clock.advance(120_000);
  const second = await ask(source, target, [120, 3720]);
  expect(server.requests.map(({ parameters: { start, end } }) => [start, end])).toEqual([
    ["0", "3600"],
    ["3060", "3720"],
  ]);
  expect([first.frames[0]!.length, second.frames[0]!.length]).toEqual([61, 61]);
  expect(second.frames[0]!.fields[0]!.values).toEqual(Float64Array.from({ length: 61 }, (_, i) => (i + 2) * 60_000));
  // Queries over ranges in the past, and expressions whose points depend on the range, are not cached. The server
  // receives them with the complete range.
  await ask(source, target, [0, 1200]);
  for (const expr of ["a @ end()", "a offset -5m", "a[5m:$x]"])
    await ask(source, { expr, interval: "60s" }, [120, 3720]);
  expect(environment.desk.ranges.counts).toMatchObject({ hits: 1, misses: 1 });
  await source.close();
  expect(environment.desk.ranges.entries).toBe(0);
});

test("labels may have any name", async () => {
  const metric = '{"__proto__":"p","constructor":"c","toString":"t"}';
  const body = `{"status":"success","data":{"resultType":"vector","result":[{"metric":${metric},"value":[1,"1"]}]}}`;
  const { source } = await rig(() => [200, body]);
  const { frames } = await ask(source, {
    expr: "a",
    instant: true,
    legendFormat: "{{__proto__}}{{constructor}}{{valueOf}}",
  });
  expect(frames[0]!.name).toBe("pc");
  const table = await ask(source, { expr: "a", instant: true, format: "table" });
  expect(table.frames.map(shown)).toMatchObject([{ rows: [[1000, "p", "c", "t", 1]] }]);
});

test("targets with values of wrong types are read as far as possible", async () => {
  const { source } = await rig(() => data("matrix", []));
  for (const target of [
    {},
    { expr: 7, range: "x" },
    { expr: null },
    { expr: "a", format: {}, adhocFilters: [1, null, {}] },
  ]) {
    expect([200, 400]).toContain((await ask(source, target)).status);
  }
  const answers = await source.query([queryOf({ expr: "a" }, [60, 0])], never());
  expect(answers.get("A")).toMatchObject({ status: 400, error: "the range ends before it begins" });
});

test.each(["time_series", "heatmap", "table"])(
  "equal queries of a request share its budget of series: %s",
  async (format) => {
    const { server, source } = await rig(() => data("matrix", [UP]));
    const budgets = { ...requestBudgets(), series: new ValueBudget(50, "too many values") };
    const queries = ["A", "B", "C", "D"].map((refId) => ({
      ...queryOf({ expr: "up", format }, [0, 60], refId),
      budgets,
    }));
    const answers = await source.query(queries, never());
    expect(Array.from(answers.values(), ({ status }) => status)).toEqual([200, 200, 422, 422]);
    expect(answers.get("D")).toMatchObject({ error: "too many values" });
    expect(server.requests).toHaveLength(1);
  },
);
