// The answers are written after the examples of Tempo's published HTTP API. No server of Tempo runs in this test.
import { afterEach, expect, test } from "vitest";
import type { DataQuery, DataSource, RequestContext } from "../data-source.ts";
import { never } from "../testing/fake-server.ts";
import { columnsOf, SourceRigs } from "../testing/traced-source.ts";
import { requestBudgets, ValueBudget } from "../value-budget.ts";

const rigs = new SourceRigs("tempo");
afterEach(() => rigs.close());

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

const TRACE = {
  trace: {
    resourceSpans: [
      {
        resource: { attributes: [text("service.name", "shop"), { key: "n", value: { intValue: "7" } }] },
        scopeSpans: [
          {
            scope: { name: "http", version: "1.2" },
            spans: [
              {
                traceId: "AAAAAAAAAABL+S81d7NNpg==",
                spanId: "APBnqgugLgA=",
                name: "GET /",
                kind: "SPAN_KIND_SERVER",
                startTimeUnixNano: "1700000000123456789",
                endTimeUnixNano: "1700000000124956789",
                attributes: [{ key: "http.status_code", value: { intValue: "200" } }],
                status: { code: "STATUS_CODE_ERROR", message: "late" },
                events: [{ timeUnixNano: "1700000000124000000", name: "retry", attributes: [text("why", "timeout")] }],
                links: [{ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" }],
              },
              {
                traceId: "00000000000000004bf92f3577b34da6",
                spanId: "00F067AA0BA902B8",
                parentSpanId: "00f067aa0ba02e00",
                name: "SELECT",
                kind: 3,
                startTimeUnixNano: "1700000000123500000",
                endTimeUnixNano: "1700000000124500000",
                attributes: [
                  { key: "list", value: { arrayValue: { values: [{ intValue: 1 }, { boolValue: true }] } } },
                ],
                status: {},
              },
            ],
          },
        ],
      },
    ],
  },
};

test("a trace id answers the spans of the trace, and their node graph if the settings ask for it", async () => {
  const { ask, server } = await rigs.open(() => [200, TRACE], { jsonData: { nodeGraph: { enabled: true } } });
  const { frames, status } = await ask({ queryType: "traceql", query: " 4bf92f3577b34da6 " });
  expect(status).toBe(200);
  expect(server.requests).toMatchObject([
    { method: "GET", path: "/api/v2/traces/4bf92f3577b34da6", parameters: {}, headers: { accept: "application/json" } },
  ]);
  expect(frames[0]).toMatchObject({
    name: "Trace",
    meta: { preferredVisualisationType: "trace", custom: { traceFormat: "otlp" } },
  });
  const trace = columnsOf(frames[0]!);
  expect(trace).toMatchObject({
    traceID: ["4bf92f3577b34da6", "4bf92f3577b34da6"],
    spanID: ["00f067aa0ba02e00", "00f067aa0ba902b8"],
    parentSpanID: ["", "00f067aa0ba02e00"],
    operationName: ["GET /", "SELECT"],
    serviceName: ["shop", "shop"],
    kind: ["server", "client"],
    statusCode: [2, 0],
    statusMessage: ["late", ""],
    instrumentationLibraryName: ["http", "http"],
    instrumentationLibraryVersion: ["1.2", "1.2"],
    duration: [1.5, 1],
    references: [[{ traceID: "4bf92f3577b34da6a3ce929d0e0e4736", spanID: "00f067aa0ba902b7", tags: [] }], []],
    tags: [[{ key: "http.status_code", value: 200 }], [{ key: "list", value: "[1,true]" }]],
  });
  expect(trace["startTime"]![0]).toBeCloseTo(1_700_000_000_123.456_8, 3);
  expect(trace["serviceTags"]![1]).toEqual([
    { key: "service.name", value: "shop" },
    { key: "n", value: 7 },
  ]);
  expect(trace["logs"]![0]).toEqual([
    { timestamp: 1_700_000_000_124, name: "retry", fields: [{ key: "why", value: "timeout" }] },
  ]);
  expect(frames.slice(1).map((frame) => [frame.meta?.preferredVisualisationType, columnsOf(frame)])).toEqual([
    [
      "nodeGraph",
      {
        id: ["00f067aa0ba02e00", "00f067aa0ba902b8"],
        title: ["shop", "shop"],
        subtitle: ["GET /", "SELECT"],
        mainstat: ["total: 1.5ms (100%)", "total: 1ms (66.67%)"],
        secondarystat: ["self: 0.5ms (33.33%)", "self: 1ms (100%)"],
        color: [expect.closeTo(1 / 3, 3), expect.closeTo(2 / 3, 3)],
      },
    ],
    [
      "nodeGraph",
      {
        id: ["00f067aa0ba02e00--00f067aa0ba902b8"],
        source: ["00f067aa0ba02e00"],
        target: ["00f067aa0ba902b8"],
      },
    ],
  ]);
});

test("an old server answers below its own path, and an unknown trace is a sentence", async () => {
  const old = await rigs.open(({ path }) =>
    path.startsWith("/api/v2/") ? [404, "no"] : [200, { batches: TRACE.trace.resourceSpans }],
  );
  expect((await old.ask({ query: "4bf9" })).frames[0]).toMatchObject({ length: 2 });
  expect(old.server.requests.map(({ path }) => path)).toEqual(["/api/v2/traces/4bf9", "/api/traces/4bf9"]);
  const settings = {
    jsonData: { traceQuery: { timeShiftEnabled: true, spanStartTimeShift: "-1m", spanEndTimeShift: "1m" } },
  };
  const empty = await rigs.open(() => [404, "trace not found"], settings);
  expect(await empty.ask({ query: "4bf9" }, { range: [600, 660] })).toEqual({
    frames: [],
    status: 404,
    error: "the data source has no trace 4bf9 in this time range",
  });
  expect(empty.server.requests[0]!.parameters).toEqual({ start: "540", end: "720" });
});

const FOUND = {
  traces: [
    {
      traceID: "a1",
      rootServiceName: "shop",
      rootTraceName: "GET /",
      startTimeUnixNano: "1000000000",
      durationMs: 12,
      spanSets: [
        {
          matched: 2,
          attributes: [text("by", "x")],
          spans: [
            {
              spanID: "s1",
              startTimeUnixNano: "1500000000",
              durationNanos: "5000",
              attributes: [text("http.url", "/a")],
            },
            { spanID: "s2", name: "db", startTimeUnixNano: "2500000000", durationNanos: "7000", attributes: [] },
          ],
        },
      ],
    },
    { traceID: "b2", rootServiceName: "cart", startTimeUnixNano: "20000000000" },
  ],
};

test("a search answers a table of traces, the newest first, whose ids open the traces", async () => {
  const { ask, server } = await rigs.open(() => [200, FOUND]);
  const target = { queryType: "traceql", query: '{ resource.service.name = "shop" }', limit: 7, spss: 5 };
  const { frames } = await ask(target, { range: [0.5, 60] });
  expect(server.requests[0]).toMatchObject({
    path: "/api/search",
    parameters: { q: target.query, limit: "7", spss: "5", start: "0", end: "60" },
  });
  const { nested, ...columns } = columnsOf(frames[0]!);
  expect(columns).toEqual({
    traceID: ["b2", "a1"],
    startTime: [20_000, 1000],
    traceService: ["cart", "shop"],
    traceName: ["", "GET /"],
    traceDuration: [null, 12],
  });
  expect(frames[0]!.fields[0]!.config.links).toMatchObject([
    {
      internal: {
        datasourceUid: "u1",
        datasourceName: "Source",
        query: { query: "${__value.raw}", queryType: "traceql" },
      },
    },
  ]);
  expect(nested![0]).toBeNull();
  expect(columnsOf(nested![1] as never)).toEqual({
    traceIdHidden: ["a1", "a1"],
    spanID: ["s1", "s2"],
    time: [1500, 2500],
    name: ["", "db"],
    by: ["x", "x"],
    "http.url": ["/a", ""],
    duration: [5000, 7000],
  });
});

test("a search answers a table of spans, or the answer itself", async () => {
  const { ask } = await rigs.open(() => [200, FOUND]);
  const { frames } = await ask({ query: "{}", tableType: "spans" });
  expect(columnsOf(frames[0]!)).toMatchObject({
    spanID: ["s2", "s1"],
    traceService: ["shop", "shop"],
    traceName: ["GET /", "GET /"],
  });
  const raw = await ask({ query: "{}", tableType: "raw" });
  expect(columnsOf(raw.frames[0]!)).toEqual({ response: [FOUND] });
});

test("a trace names the text next to the bars only if the settings do", async () => {
  const barOf = async (spanBar: object | undefined): Promise<unknown> => {
    const { ask } = await rigs.open(() => [200, TRACE], { jsonData: spanBar === undefined ? {} : { spanBar } });
    return (await ask({ queryType: "traceql", query: "4bf92f3577b34da6" })).frames[0]!.meta!.custom;
  };
  expect(await barOf(undefined)).toEqual({ traceFormat: "otlp" });
  expect(await barOf({ type: "Duration" })).toEqual({ traceFormat: "otlp" });
  const tag = { type: "Tag", tag: "http.status_code" };
  expect(await barOf({ ...tag, other: 1 })).toEqual({ traceFormat: "otlp", narthexSpanBar: tag });
  expect(await barOf({ type: "None" })).toEqual({ traceFormat: "otlp", narthexSpanBar: { type: "None", tag: "" } });
});

test("every table of a search takes its cells from the budget of the request, the raw answer too", async () => {
  const { ask } = await rigs.open(() => [200, FOUND]);
  for (const tableType of ["raw", "spans", "traces"]) {
    const budgets = { ...requestBudgets(), cells: new ValueBudget(10, "the request has too many cells") };
    const { status, error } = await ask({ query: "{}", tableType }, { budgets });
    expect([tableType, status, error]).toEqual([tableType, 422, "the request has too many cells"]);
  }
});

test("a metrics query answers series over the range, or one value of each series", async () => {
  const labels = [text("resource.service.name", "shop")];
  const two = { labels: [text("a", "1"), { key: "b", value: { doubleValue: 0.5 } }], samples: [] };
  const samples = [{ timestampMs: "20000", value: 3 }, { timestampMs: "10000" }];
  const { ask, server } = await rigs.open(({ path }) => [
    200,
    { series: path.endsWith("_range") ? [{ labels, samples }, two] : [{ labels, value: 4 }] },
  ]);
  const query = "{} | rate() by (resource.service.name)";
  const { frames } = await ask({ query, step: "10s" });
  expect(server.requests[0]).toMatchObject({
    path: "/api/metrics/query_range",
    parameters: { q: query, step: "10s", start: "0", end: "60" },
  });
  expect(frames.map((frame) => [frame.name, frame.fields[1]!.labels, columnsOf(frame)["time"]])).toEqual([
    ["shop", { "resource.service.name": "shop" }, [10_000, 20_000]],
    ['{a="1", b="0.5"}', { a: "1", b: "0.5" }, []],
  ]);
  expect(frames[0]!.fields[1]!.values).toEqual(Float64Array.of(0, 3));
  const instant = await ask({ query, metricsQueryType: "instant" });
  expect(server.requests[1]).toMatchObject({ path: "/api/metrics/query" });
  expect(columnsOf(instant.frames[0]!)).toEqual({ time: [60_000], shop: [4] });
  expect((await ask({ query: '{ .a = "| rate()" } // | rate()' })).frames[0]!.name).toBe("Traces");
});

test("the filters of a search become TraceQL, whose names and values are literals", async () => {
  const { ask, server } = await rigs.open(() => [200, { traces: [] }]);
  const filters = [
    { id: "a", tag: "service.name", scope: "resource", operator: "=", value: ['sh"op'], valueType: "string" },
    { id: "b", tag: "name", scope: "intrinsic", operator: "=~", value: ["a", "b"], valueType: "string" },
    { id: "c", tag: "duration", scope: "intrinsic", operator: ">", value: "1.5s" },
    { id: "d", tag: 'x"} || {', scope: "span", operator: "!=", value: "1 || true" },
    { id: "e", tag: "status", scope: "intrinsic", operator: "=", value: "error", valueType: "keyword" },
    { id: "f", tag: "duration || x", scope: "intrinsic", operator: "=", value: "1" },
    { id: "g", tag: "unused", operator: "=", value: [] },
    { id: "duration-type", value: "trace" },
  ];
  await ask({ queryType: "traceqlSearch", filters });
  expect(server.requests[0]!.parameters["q"]).toBe(
    '{resource.service.name="sh\\"op" && name=~"a|b" && traceDuration>1.5s && span."x\\"} || {"!="1 || true" && status=error && ."duration || x"=1}',
  );
  const bad = await ask({ queryType: "traceqlSearch", filters: [{ tag: "a", operator: "= 1 ||", value: "1" }] });
  expect(bad).toMatchObject({ status: 400, error: expect.stringContaining('operator "= 1 ||" is not one of') });
});

/** A Prometheus data source that answers the queries of a service map. */
function prometheus(values: Readonly<Record<string, number>>, asked: DataQuery[] = []): DataSource {
  const frameOf = (refId: string, value: number) => ({
    refId,
    length: 1,
    fields: [
      {
        name: "Value",
        type: "number" as const,
        values: Float64Array.of(value),
        labels: { client: "app", server: "db" },
        config: {},
      },
    ],
  });
  return {
    query(queries) {
      asked.push(...queries);
      return Promise.resolve(
        new Map(queries.map(({ refId }) => [refId, { frames: [frameOf(refId, values[refId] ?? 0)], status: 200 }])),
      );
    },
    health: () => Promise.resolve({ status: "OK", message: "" }),
    close: () => Promise.resolve(),
  };
}

test("a service map comes from the metrics of the Prometheus data source in the settings", async () => {
  const asked: DataQuery[] = [];
  const linked = prometheus({ total: 4, failed: 1, seconds: 2 }, asked);
  const context: RequestContext = { user: "u", sourceOf: (uid) => (uid === "p1" ? linked : undefined) };
  const { ask } = await rigs.open(() => undefined, { jsonData: { serviceMap: { datasourceUid: "p1" } } });
  const { frames } = await ask(
    { queryType: "serviceMap", serviceMapQuery: ['{client="app"}', '{server="db"}'] },
    { context },
  );
  expect(asked.map(({ source }) => source["expr"])[0]).toBe(
    'sum by (client, server) (rate(traces_service_graph_request_total{client="app"}[60s])) or ' +
      'sum by (client, server) (rate(traces_service_graph_request_total{server="db"}[60s]))',
  );
  expect(frames.map(columnsOf)).toEqual([
    {
      id: ["app", "db"],
      title: ["app", "db"],
      mainstat: [NaN, 500],
      secondarystat: [NaN, 4],
      arc__success: [1, 0.75],
      arc__failed: [0, 0.25],
    },
    { id: ["app_db"], source: ["app"], target: ["db"], mainstat: [500], secondarystat: [4] },
  ]);
  expect(await ask({ queryType: "serviceMap", serviceMapQuery: "up) or (up" }, { context })).toMatchObject({
    status: 400,
    error: expect.stringContaining('write {client="app"}'),
  });
  expect(await ask({ queryType: "serviceMap" })).toMatchObject({ status: 404, error: expect.stringContaining('"p1"') });
});

test("a service map without a Prometheus data source, an upload and an unknown query type are sentences", async () => {
  const { ask } = await rigs.open(() => undefined);
  expect((await ask({ queryType: "serviceMap" })).error).toContain("no Prometheus data source for its service graph");
  expect((await ask({ queryType: "upload" })).error).toContain("uploaded in a browser");
  expect((await ask({ queryType: "x" })).error).toContain('query type "x" is not supported');
  expect((await ask({ query: "" })).error).toContain("write a trace id or TraceQL");
  expect((await ask({ query: "{}" }, { range: [60, 0] })).error).toContain("the range ends before it begins");
});

const SCOPES = {
  scopes: [
    { name: "resource", tags: ["service.name"] },
    { name: "span", tags: ["http.url", "service.name"] },
    { name: "intrinsic", tags: ["status"] },
  ],
};

test.each([
  ["label_names()", "/api/v2/search/tags", ["service.name", "http.url"]],
  [{ type: 0, refId: "x" }, "/api/v2/search/tags", ["service.name", "http.url"]],
  ["label_values(resource.service.name)", "/api/v2/search/tag/resource.service.name/values", ["shop"]],
  [{ type: 1, label: "a/b" }, "/api/v2/search/tag/.a%2Fb/values", ["shop"]],
  [{ type: 1, label: "status" }, "/api/v2/search/tag/status/values", ["shop"]],
  ["", "", []],
])("the variable %j asks %s", async (query, path, values) => {
  const { source, server } = await rigs.open((request) => [
    200,
    request.path.endsWith("tags") ? SCOPES : { tagValues: [{ type: "string", value: "shop" }] },
  ]);
  const found = await source.variableValues!(query, { from: 1500, to: 2500 }, never());
  expect(found.map(({ value }) => value)).toEqual(values);
  expect(server.requests.map((request) => [request.path, request.parameters])).toEqual(
    path === "" ? [] : [[path, { start: "1", end: "3" }]],
  );
});

test("editors complete the names and values of attributes, also those of an old server", async () => {
  const { source, server } = await rigs.open(({ path }) => {
    if (path.startsWith("/api/v2/")) return [404, "404 page not found"];
    return [200, path === "/api/search/tags" ? { tagNames: ["service.name"] } : { tagValues: ["shop", 5] }];
  });
  expect(await source.resource!("tags", {}, never())).toEqual({ scopes: [{ name: "", tags: ["service.name"] }] });
  const body = { tag: "resource.service.name", query: "{}", range: { from: 0, to: 1000 } };
  expect(await source.resource!("tag-values", body, never())).toEqual({ values: ["shop"] });
  expect(server.requests.at(-1)).toMatchObject({
    path: "/api/search/tag/service.name/values",
    parameters: { q: "{}", start: "0", end: "1" },
  });
  await expect(source.resource!("tag-values", {}, never())).rejects.toThrow("names no tag");
  await expect(source.resource!("x", {}, never())).rejects.toThrow('no resource "x"');
});

test("the health of a source is the echo of the server", async () => {
  const { source } = await rigs.open(({ path }) => (path === "/api/echo" ? [200, "echo"] : [404, ""]));
  expect(await source.health(never())).toMatchObject({ status: "OK" });
  const other = await rigs.open(() => [404, "nothing"]);
  expect(await other.source.health(never())).toMatchObject({
    status: "ERROR",
    message: expect.stringContaining("not as Tempo does"),
  });
  const closed = await rigs.open(() => [401, ""]);
  expect(await closed.source.health(never())).toMatchObject({
    message: "Unable to connect with Tempo: Authentication to data source failed",
  });
});

test("an error of the server is shown, and the time shift of the settings must be a duration", async () => {
  const { ask } = await rigs.open(() => [400, "invalid TraceQL query: parse error at line 1"]);
  expect(await ask({ query: "{ x" })).toMatchObject({
    status: 400,
    error: expect.stringContaining("parse error at line 1"),
  });
  const wrong = await rigs.open(() => undefined, {
    jsonData: { traceQuery: { timeShiftEnabled: true, spanStartTimeShift: "soon" } },
  });
  expect((await wrong.ask({ query: "{}" })).error).toContain('the time shift "soon" is not a duration');
});

test("attributes that all spans of a set share are not copied for each span", async () => {
  const attributes = Array.from({ length: 8000 }, (_, i) => text(`a${i}`, ""));
  const spans = Array.from({ length: 8000 }, () => ({ spanID: "s" }));
  const { ask } = await rigs.open(() => [200, { traces: [{ traceID: "a1", spanSets: [{ attributes, spans }] }] }]);
  for (const tableType of ["traces", "spans"]) {
    const answer = await ask({ queryType: "traceql", query: "{}", tableType });
    expect(answer).toMatchObject({ status: 422, error: expect.stringContaining("more than 1000 attributes") });
  }
});
