// The answers are written after the examples of Elasticsearch's and OpenSearch's published HTTP API. No server of theirs
// runs in this test.
import { type Frame, type JsonObject, valueAt } from "@narthex/dashboards";
import { afterEach, expect, test } from "vitest";
import type { DataSource } from "../data-source.ts";
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

async function rig(answer: (request: ReceivedRequest) => FakeAnswer | undefined, jsonData: JsonObject = {}) {
  const server = await FakeServer.open(answer);
  const settings = settingsOf("elasticsearch", server.url, { jsonData: { index: "logs", ...jsonData } });
  const source = openDataSource(settings, environmentAt(10_000_000));
  opened.push(server, source);
  return { server, source };
}

/** Returns the rig of a source whose searches all have the same answer. */
const answering = (response: unknown, jsonData: JsonObject = {}) =>
  rig(
    ({ body }) => [
      200,
      {
        responses: body
          .trim()
          .split("\n")
          .slice(1)
          .map(() => response),
      },
    ],
    jsonData,
  );

async function ask(source: DataSource, target: JsonObject, range: [number, number] = [0, 60]) {
  const answers = await source.query([queryOf(target, range)], never());
  return answers.get("A")!;
}

/** Returns the lines of a search: header and body. */
const linesOf = ({ requests }: FakeServer): readonly JsonObject[] =>
  requests
    .at(-1)!
    .body.trim()
    .split("\n")
    .map((line) => JSON.parse(line) as JsonObject);

const columns = (frame: Frame): unknown =>
  Object.fromEntries(
    frame.fields.map((field) => [field.name, Array.from({ length: frame.length }, (_, row) => valueAt(field, row))]),
  );

const series = (frames: readonly Frame[]): readonly unknown[] =>
  frames.map((frame) => {
    const { Value: values } = columns(frame) as { readonly Value: readonly number[] };
    return [frame.name, frame.fields[1]!.labels, values];
  });

const FILTER = { range: { "@timestamp": { gte: 0, lte: 60_000, format: "epoch_millis" } } };

test("a target without metrics and groups counts documents over time", async () => {
  const buckets = [
    { key: 1000, key_as_string: "1000", doc_count: 3 },
    { key: 16_000, key_as_string: "16000", doc_count: 0 },
  ];
  const { server, source } = await answering({ aggregations: { 2: { buckets } } });
  const { frames, status } = await ask(source, { query: "level:error" });
  expect(status).toBe(200);
  expect(server.requests).toMatchObject([
    {
      method: "POST",
      path: "/_msearch",
      parameters: { max_concurrent_shard_requests: "5" },
      headers: { "content-type": "application/x-ndjson" },
    },
  ]);
  expect(linesOf(server)).toEqual([
    { search_type: "query_then_fetch", ignore_unavailable: true, index: "logs" },
    {
      size: 0,
      query: { bool: { filter: [FILTER, { query_string: { analyze_wildcard: true, query: "level:error" } }] } },
      aggs: {
        2: {
          date_histogram: {
            field: "@timestamp",
            fixed_interval: "15000ms",
            min_doc_count: 0,
            extended_bounds: { min: 0, max: 60_000 },
            format: "epoch_millis",
          },
        },
      },
    },
  ]);
  expect(frames.map(columns)).toEqual([{ Time: [1000, 16_000], Value: [3, 0] }]);
  expect(series(frames)).toEqual([["Count", {}, [3, 0]]]);
  expect(frames[0]).toMatchObject({
    meta: { type: "timeseries-multi" },
    fields: [{}, { config: { displayNameFromDS: "Count" } }],
  });
});

const GROUPED = {
  metrics: [
    { id: "1", type: "avg", field: "took", settings: { script: { inline: "_value * 2" }, missing: "0" } },
    { id: "3", type: "count", hide: false },
    { id: "4", type: "derivative", field: "1", settings: { unit: "1s" } },
    {
      id: "5",
      type: "bucket_script",
      pipelineVariables: [{ name: "a", pipelineAgg: "1" }],
      settings: { script: "params.a * 2" },
    },
    { id: "6", type: "percentiles", field: "took", settings: { percents: ["25", "95"] } },
    { id: "7", type: "max", field: "took", hide: true },
  ],
  bucketAggs: [
    { id: "9", type: "terms", field: "host", settings: { size: "10", order: "asc", orderBy: "1", min_doc_count: "1" } },
    {
      id: "2",
      type: "date_histogram",
      field: "when",
      settings: { interval: "1M", trimEdges: "1", timeZone: "Europe/Berlin" },
    },
  ],
};

test("groups, pipelines and percentiles become series with the names of Grafana", async () => {
  const bucket = (time: number, value: number): JsonObject => ({
    key: time,
    doc_count: value,
    1: { value },
    ...(time > 0 && { 4: { value: 1, normalized_value: 0.5 } }),
    5: { value: 2 * value },
    6: { values: { "25.0": value - 1, "95.0": "NaN" } },
    7: { value: 99 },
  });
  const times = { buckets: [0, 1000, 2000].map((time) => bucket(time, time / 1000 + 1)) };
  const response = {
    aggregations: {
      9: {
        buckets: [
          { key: "b", 2: times },
          { key: 7, 2: times },
        ],
      },
    },
  };
  const { server, source } = await answering(response);
  const { frames } = await ask(source, GROUPED);
  expect(linesOf(server)[1]).toMatchObject({
    aggs: {
      9: {
        terms: { field: "host", size: 10, order: { 1: "asc" }, min_doc_count: 1 },
        aggs: {
          1: { avg: { field: "took", script: "_value * 2", missing: "0" } },
          2: {
            date_histogram: { field: "when", calendar_interval: "1M", time_zone: "Europe/Berlin" },
            aggs: {
              4: { derivative: { buckets_path: "1", unit: "1s" } },
              5: { bucket_script: { buckets_path: { a: "1" }, script: "params.a * 2" } },
              6: { percentiles: { field: "took", percents: ["25", "95"] } },
            },
          },
        },
      },
    },
  });
  // One point is removed at both ends. A series with fewer than three points keeps all.
  expect(series(frames).slice(0, 6)).toEqual([
    ["b Average took", { host: "b" }, [2]],
    ["b Count", { host: "b" }, [2]],
    ["b Derivative Average took", { host: "b" }, [0.5, 0.5]],
    ["b Average took * 2", { host: "b" }, [4]],
    ["b p25.0 took", { host: "b" }, [1]],
    ["b p95.0 took", { host: "b" }, [null]],
  ]);
  expect(frames).toHaveLength(12);
  expect(frames[6]!.fields[1]!.labels).toEqual({ host: "7" });
});

test.each([
  ["{{host}}: {{metric}} of {{field}}", "b: Average of took"],
  ["{{term host}} {{other}} {{term other}}", "b {{other}} "],
])("an alias %s gives the name %s", async (alias, name) => {
  const times = { buckets: [{ key: 0, doc_count: 1, 1: { value: 1 } }] };
  const { source } = await answering({ aggregations: { 9: { buckets: [{ key: "b", 2: times }] } } });
  const target = { ...GROUPED, metrics: GROUPED.metrics.slice(0, 1), alias };
  expect((await ask(source, target)).frames.map((frame) => frame.name)).toEqual([name]);
});

test("groups without time become a table", async () => {
  const inner = (...keys: (string | number)[]): JsonObject => ({
    buckets: keys.map((key, i) => ({
      key,
      doc_count: i + 1,
      1: { value: i / 2 },
      6: { std_deviation: 3, std_deviation_bounds: { upper: 8 } },
      8: { top: [{ metrics: { a: 1, b: null } }] },
    })),
  });
  const response = {
    aggregations: { 9: { buckets: { "level:error": { 2: inner("x", "y") }, "level:warn": { 2: inner("z") } } } },
  };
  const { source, server } = await answering(response);
  const { frames } = await ask(source, {
    metrics: [
      { id: "3", type: "count" },
      { id: "1", type: "cardinality", field: "user" },
      {
        id: "6",
        type: "extended_stats",
        field: "took",
        meta: { std_deviation: true, std_deviation_bounds_upper: true, min: false },
      },
      { id: "8", type: "top_metrics", settings: { metrics: ["a", "b"], orderBy: "@timestamp" } },
    ],
    bucketAggs: [
      {
        id: "9",
        type: "filters",
        settings: { filters: [{ query: "level:error", label: "" }, { query: "level:warn" }] },
      },
      { id: "2", type: "terms", field: "host" },
    ],
  });
  expect(linesOf(server)[1]!["aggs"]).toMatchObject({
    9: {
      filters: { filters: { "level:error": { query_string: { query: "level:error" } }, "level:warn": {} } },
      aggs: {
        2: {
          aggs: {
            8: {
              top_metrics: { metrics: [{ field: "a" }, { field: "b" }], size: 1, sort: [{ "@timestamp": "desc" }] },
            },
          },
        },
      },
    },
  });
  expect(frames.map(columns)).toEqual([
    {
      filter: ["level:error", "level:error", "level:warn"],
      host: ["x", "y", "z"],
      Count: [1, 2, 1],
      "Unique Count": [0, 0.5, 0],
      "Extended Stats": [3, 3, 3],
      "Std Dev Upper": [8, 8, 8],
      "Top Metrics a": [1, 1, 1],
      "Top Metrics b": [null, null, null],
    },
  ]);
});

const HITS = {
  hits: [
    {
      _id: "1",
      _index: "logs",
      sort: [1, 2],
      _source: {
        "@timestamp": "2026-11-24T10:00:00.123Z",
        message: "one",
        http: { status: 200, ok: true },
        severity: "warn",
      },
    },
    { _id: "2", _index: "logs", _source: { "@timestamp": "no time", message: "two", tags: ["a", "b"] } },
  ],
};

test("raw data has a column for each field of the documents", async () => {
  const { source, server } = await answering({ hits: HITS });
  const { frames } = await ask(source, {
    metrics: [{ id: "1", type: "raw_data", settings: { size: "20000" } }],
    bucketAggs: [],
  });
  expect(linesOf(server)[1]).toMatchObject({
    size: 10_000,
    sort: [{ "@timestamp": { order: "desc", unmapped_type: "boolean" } }, { _doc: { order: "desc" } }],
  });
  expect(frames[0]!.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
    "@timestamp time",
    "_id string",
    "_index string",
    "http.ok boolean",
    "http.status number",
    "message string",
    "severity string",
    "sort json",
    "tags json",
  ]);
  expect(columns(frames[0]!)).toMatchObject({
    "@timestamp": [Date.UTC(2026, 10, 24, 10, 0, 0, 123), null],
    "http.status": [200, null],
    tags: [null, ["a", "b"]],
  });
});

test("log lines begin with the time and the message, and have a level", async () => {
  const { source } = await answering({ hits: HITS }, { logLevelField: "severity" });
  const target = { metrics: [{ id: "1", type: "logs", settings: { limit: "50" } }], bucketAggs: [] };
  const { frames } = await ask(source, target);
  expect(frames[0]!.meta!.preferredVisualisationType).toBe("logs");
  expect(frames[0]!.fields.map(({ name }) => name).slice(0, 2)).toEqual(["@timestamp", "message"]);
  expect(columns(frames[0]!)).toMatchObject({ message: ["one", "two"], level: ["warn", null] });
});

test("a raw document is one JSON value", async () => {
  const { source } = await answering({ hits: HITS });
  const { frames } = await ask(source, { metrics: [{ id: "1", type: "raw_document" }], bucketAggs: [] });
  expect(columns(frames[0]!)).toMatchObject({ A: [{ _id: "1", message: "one", http: { status: 200 } }, { _id: "2" }] });
});

test.each([
  ["raw_document", 18],
  ["raw_data", 16],
  ["logs", 27],
] as const)(
  "the values of a target of the type %s take %i cells of the budget, also nested ones",
  async (type, cells) => {
    const { source } = await answering({
      hits: { hits: [{ _id: "1", _source: { list: [[1, 2], { a: "x".repeat(640) }] } }] },
    });
    const answerWithin = async (limit: number) => {
      const budgets = { ...requestBudgets(), cells: new ValueBudget(limit, "the request has too many cells") };
      const query = { ...queryOf({ metrics: [{ id: "1", type }], bucketAggs: [] }), budgets };
      const { status, error } = (await source.query([query], never())).get("A")!;
      return [status, error];
    };
    expect(await answerWithin(cells)).toEqual([200, undefined]);
    expect(await answerWithin(cells - 1)).toEqual([422, "the request has too many cells"]);
  },
);

test("the source stops to read an answer when its client disconnects", async () => {
  const hits = Array.from({ length: 5000 }, (_, n) => ({ _id: String(n), _source: { n } }));
  const { source } = await answering({ hits: { hits } });
  const client = new AbortController();
  /** Counts the cells of the answer. The client disconnects at the first one. */
  class Cells extends ValueBudget {
    taken = 0;

    override take(values: number): void {
      this.taken += values;
      client.abort(new Error("the client is gone"));
    }
  }
  const cells = new Cells(0, "");
  const target = { metrics: [{ id: "1", type: "raw_document" }], bucketAggs: [] };
  const query = { ...queryOf(target), budgets: { ...requestBudgets(), cells } };
  await expect(source.query([query], client.signal)).rejects.toThrow("the client is gone");
  expect(cells.taken).toBeLessThan(2000);
});

test("an error of one search leaves the answers to the others", async () => {
  const error = {
    type: "parsing_exception",
    reason: "outer",
    root_cause: [{ reason: "Failed to parse query [level:]" }],
  };
  const buckets = [{ key: 0, doc_count: 1 }];
  const { source, server } = await rig(() => [
    200,
    { responses: [{ error, status: 400 }, { aggregations: { 2: { buckets } } }] },
  ]);
  const answers = await source.query(
    [queryOf({ query: "level:" }), queryOf({}, [0, 60], "B"), queryOf({ metrics: [{ type: "x" }] }, [0, 60], "C")],
    never(),
  );
  expect(server.requests).toHaveLength(1);
  expect(answers.get("A")).toMatchObject({ status: 400, error: "Failed to parse query [level:]", frames: [] });
  expect(answers.get("B")).toMatchObject({ status: 200 });
  expect(answers.get("C")).toMatchObject({ status: 400, error: expect.stringContaining('metric type "x"') });
});

test.each<[FakeAnswer, string]>([
  [[401, { error: "no" }], "Authentication to data source failed"],
  [[503, "<html>busy</html>"], "the data source answered 503 Service Unavailable"],
  [[400, { error: { reason: "unknown key" } }], "400 Bad Request: unknown key"],
  [[200, "[1,"], "the data source answered something other than JSON"],
  [[200, { responses: [] }], "the data source answered fewer searches than were sent"],
])("an answer %j fails", async (answer, message) => {
  const { source } = await rig(() => answer);
  expect(await ask(source, {})).toMatchObject({ error: expect.stringContaining(message) });
});

test("unexpected types in an answer do not throw", async () => {
  for (const response of [
    {},
    { aggregations: { 2: 5 } },
    { aggregations: { 2: { buckets: [1, null, { key: {} }, { key: "x", doc_count: [] }] } } },
    { hits: { hits: [1, {}, { _source: 5 }] }, aggregations: [] },
  ]) {
    const { source } = await answering(response);
    for (const type of ["count", "raw_data", "raw_document", "logs", "percentiles", "top_metrics"])
      expect(
        await ask(source, { metrics: [{ id: "1", type }], bucketAggs: [{ id: "2", type: "terms", field: "f" }] }),
      ).toMatchObject({ status: 200 });
  }
});

test("ad hoc filters become clauses whose values stay within their quotes", async () => {
  const { source, server } = await answering({});
  const filter = (key: string, operator: string, value: string) => ({ key, operator, value });
  await ask(source, {
    query: "a OR b",
    adhocFilters: [
      filter("x", "=", 'a" OR b:"'),
      filter("y z", "!=", "\\"),
      filter("w", "=~", "a/.*"),
      filter("n", ">", "5"),
    ],
  });
  const { query } = linesOf(server)[1] as {
    query: { bool: { filter: [object, { query_string: { query: string } }] } };
  };
  expect(query.bool.filter[1].query_string.query).toBe(
    '(a OR b) AND x:"a\\" OR b:\\"" AND -y\\ z:"\\\\" AND w:/a\\/.*/ AND n:>"5"',
  );
});

test("a pattern with dates names the indexes of the range", async () => {
  const { source, server } = await answering({}, { index: "[logs-]YYYY.MM.DD", interval: "Daily" });
  const day = Date.UTC(2026, 11, 31, 23) / 1000;
  await ask(source, {}, [day, day + 7200]);
  expect(linesOf(server)[0]).toMatchObject({ index: "logs-2026.12.31,logs-2027.01.01" });
  const weekly = await answering({}, { index: "GGGG.WW[-web]", interval: "Weekly" });
  await ask(weekly.source, {}, [day, day + 7200]);
  expect(linesOf(weekly.server)[0]).toMatchObject({ index: "2026.53-web" });
  const hourly = await answering({}, { index: "[logs-]YYYY.MM.DD.HH", interval: "Hourly" });
  const answer = await ask(hourly.source, {}, [0, day]);
  expect(answer).toMatchObject({ status: 400, error: expect.stringContaining("more than 5000 indexes") });
});

test("variables are values or names of fields", async () => {
  const caps = { fields: { host: { keyword: {} }, took: { long: {} }, when: { date: {} }, _id: { _id: {} } } };
  const buckets = [{ key: "a" }, { key: 5, key_as_string: "five" }];
  const { source, server } = await rig(({ path }) =>
    path === "/_msearch" ? [200, { responses: [{ aggregations: { 1: { buckets } } }] }] : [200, caps],
  );
  const values = (query: string | JsonObject) => source.variableValues!(query, { from: 0, to: 60_000 }, never());
  expect(
    await values('{"find": "terms", "field": "host", "query": "a:b", "size": "50", "orderBy": "doc_count"}'),
  ).toEqual([
    { text: "a", value: "a" },
    { text: "five", value: "5" },
  ]);
  expect(linesOf(server)[1]).toMatchObject({
    aggs: { 1: { terms: { field: "host", size: 50, order: { _count: "desc" } } } },
  });
  expect((await values('{"find": "fields", "type": "number"}')).map(({ text }) => text)).toEqual(["took"]);
  expect((await values({ query: '{"find": "fields"}' })).map(({ text }) => text)).toEqual(["host", "took", "when"]);
  expect(await values("")).toEqual([]);
  await expect(values("host")).rejects.toThrow("is not JSON");
  await expect(values("{}")).rejects.toThrow('no "find"');
  expect(await source.resource!("fields", {}, never())).toMatchObject({
    fields: [{ name: "host", type: "keyword" }, {}, {}, {}],
  });
});

test("annotations are documents with a time, a text and tags", async () => {
  const hits = {
    hits: [
      { fields: { at: ["5000"], until: ["9000"] }, _source: { note: { text: "deploy" }, tags: "x, y" } },
      { _source: { at: "1970-01-01T00:00:07Z", note: { text: 5 }, tags: ["z"] } },
      { _source: { note: {} } },
    ],
  };
  const { source, server } = await answering({ hits });
  const annotation = {
    timeField: "at",
    timeEndField: "until",
    textField: "note.text",
    tagsField: "tags",
    target: { query: "type:deploy" },
  };
  expect(await source.annotations!(annotation, { from: 0, to: 60_000 }, never())).toEqual([
    { time: 5000, timeEnd: 9000, title: "", text: "deploy", tags: ["x", "y"] },
    { time: 7000, title: "", text: "5", tags: ["z"] },
  ]);
  expect(linesOf(server)[1]).toMatchObject({
    query: { bool: { filter: [{ bool: { minimum_should_match: 1 } }, { query_string: { query: "type:deploy" } }] } },
  });
});

test("the query of an annotation is the text that the page writes, also if a target has another one", async () => {
  const { source, server } = await answering({ hits: { hits: [] } });
  await source.annotations!({ query: "a:new", target: { query: "a:old" } }, { from: 0, to: 1 }, never());
  expect(linesOf(server)[1]).toMatchObject({
    query: { bool: { filter: [{}, { query_string: { query: "a:new" } }] } },
  });
});

test.each<[FakeAnswer, FakeAnswer, string, string]>([
  [[200, { status: "green" }], [200, { fields: { "@timestamp": { date: {} } } }], "OK", "data source is healthy."],
  [[200, { status: "yellow" }], [200, { fields: {} }], "OK", "Warning: the index has no field named @timestamp"],
  [[200, { status: "yellow" }], [403, {}], "OK", "data source is healthy."],
  [[200, { status: "red" }], [200, {}], "ERROR", "the cluster is red"],
  [[408, { status: "red", timed_out: true }], [200, {}], "ERROR", "Health check failed: the data source answered 408"],
])("a cluster that answers %j is tested", async (health, caps, status, message) => {
  const { source } = await rig(({ path }) => (path === "/_cluster/health" ? health : caps));
  expect(await source.health(never())).toEqual({ status, message: expect.stringContaining(message) });
});

test("OpenSearch answers queries in its piped language", async () => {
  const schema = [
    { name: "at", type: "timestamp" },
    { name: "n", type: "long" },
    { name: "host", type: "string" },
  ];
  const datarows = [
    ["2026-11-24 10:00:00", 5, "a"],
    ["2026-11-24 10:00:01", null, null],
  ];
  const { source, server } = await rig(() => [200, { schema, datarows }], { timeField: "at" });
  const { frames } = await ask(source, { queryType: "PPL", query: "source = logs | stats count()", format: "table" });
  expect(server.requests[0]!.path).toBe("/_plugins/_ppl");
  expect(JSON.parse(server.requests[0]!.body)).toEqual({
    query:
      "source = logs | where `at` >= timestamp('1970-01-01 00:00:00') and `at` <= timestamp('1970-01-01 00:01:00')| stats count()",
  });
  expect(frames.map(columns)).toEqual([
    { at: [Date.UTC(2026, 10, 24, 10), Date.UTC(2026, 10, 24, 10, 0, 1)], n: [5, null], host: ["a", null] },
  ]);
});

test("a query for traces of OpenSearch is refused, and does not count documents", async () => {
  const { source, server } = await rig(() => [200, {}]);
  expect(await ask(source, { luceneQueryType: "Traces", query: "" })).toMatchObject({
    status: 400,
    error: expect.stringContaining("traces of OpenSearch are not supported"),
  });
  expect(server.requests).toEqual([]);
});

test("an aborted query stops waiting", async () => {
  const { source } = await rig(() => undefined);
  const abort = new AbortController();
  const waiting = source.query([queryOf({})], abort.signal);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});
