// The answers are written after Jaeger's published HTTP API. No server of Jaeger runs in this test.
import { afterEach, expect, test } from "vitest";
import { never } from "../testing/fake-server.ts";
import { columnsOf, SourceRigs } from "../testing/traced-source.ts";
import { logfmtTags } from "./logfmt.ts";

const rigs = new SourceRigs("jaeger");
afterEach(() => rigs.close());

const TRACE = {
  traceID: "4bf9",
  spans: [
    {
      traceID: "4bf9",
      spanID: "b",
      operationName: "query",
      references: [
        { refType: "CHILD_OF", traceID: "4bf9", spanID: "a" },
        { refType: "FOLLOWS_FROM", traceID: "77", spanID: "z" },
      ],
      startTime: 1_700_000_000_000_500,
      duration: 1500,
      tags: [{ key: "error", type: "bool", value: true }],
      logs: [{ timestamp: 1_700_000_000_000_700, fields: [{ key: "event", value: "retry" }] }],
      processID: "p2",
      warnings: ["clock skew"],
    },
    {
      traceID: "4bf9",
      spanID: "a",
      operationName: "GET /",
      references: [],
      startTime: 1_700_000_000_000_000,
      duration: 3000,
      processID: "p1",
    },
  ],
  processes: {
    p1: { serviceName: "shop", tags: [{ key: "host", value: "h1" }] },
    p2: { serviceName: "db", tags: [] },
  },
};

test("a trace id answers the spans of the trace", async () => {
  const { ask, server } = await rigs.open(() => [200, { data: [TRACE] }]);
  const { frames } = await ask({ query: "4bf9/../x" });
  expect(server.requests[0]).toMatchObject({ method: "GET", path: "/api/traces/4bf9%2F..%2Fx" });
  expect(frames).toHaveLength(1);
  expect(frames[0]!.meta).toEqual({ preferredVisualisationType: "trace", custom: { traceFormat: "jaeger" } });
  expect(columnsOf(frames[0]!)).toEqual({
    traceID: ["4bf9", "4bf9"],
    spanID: ["b", "a"],
    parentSpanID: ["a", ""],
    operationName: ["query", "GET /"],
    serviceName: ["db", "shop"],
    serviceTags: [[], [{ key: "host", value: "h1" }]],
    startTime: [1_700_000_000_000.5, 1_700_000_000_000],
    duration: [1.5, 3],
    logs: [[{ timestamp: 1_700_000_000_000.7, fields: [{ key: "event", value: "retry" }] }], []],
    references: [[{ traceID: "77", spanID: "z", tags: [] }], []],
    tags: [[{ key: "error", value: true }], []],
    warnings: [["clock skew"], []],
    stackTraces: [[], []],
  });
});

test("a search sends its parameters and answers a table of traces", async () => {
  const { ask, server } = await rigs.open(() => [200, { data: [TRACE] }]);
  const target = {
    queryType: "search",
    service: "shop",
    operation: "All",
    tags: 'http.status_code=500 message="not \\"found\\"" error=true',
    minDuration: "1ms",
    maxDuration: "2s",
    limit: 9,
  };
  const { frames } = await ask(target, { range: [1, 2] });
  expect(server.requests[0]).toMatchObject({ path: "/api/traces" });
  expect(server.requests[0]!.parameters).toEqual({
    start: "1000000",
    end: "2000000",
    service: "shop",
    tags: '{"http.status_code":"500","message":"not \\"found\\"","error":"true"}',
    minDuration: "1ms",
    maxDuration: "2s",
    limit: "9",
    lookback: "custom",
  });
  expect(columnsOf(frames[0]!)).toEqual({
    traceID: ["4bf9"],
    traceName: ["shop: GET /"],
    startTime: [1_700_000_000_000],
    duration: [3000],
  });
  expect(frames[0]!.fields[0]!.config.links).toMatchObject([{ internal: { datasourceUid: "u1" } }]);
});

test("the graph of dependencies has a node for each service and an edge for its calls", async () => {
  const { ask, server } = await rigs.open(() => [200, { data: [{ parent: "shop", child: "db", callCount: 5 }] }]);
  const { frames } = await ask({ queryType: "dependencyGraph" }, { range: [60, 120] });
  expect(server.requests[0]).toMatchObject({
    path: "/api/dependencies",
    parameters: { endTs: "120000", lookback: "60000" },
  });
  expect(frames.map(columnsOf)).toEqual([
    { id: ["shop", "db"], title: ["shop", "db"] },
    { id: ["shop--db"], source: ["shop"], target: ["db"], mainstat: [5] },
  ]);
});

test("editors list services and operations, whose names cannot change the path", async () => {
  const { source, server } = await rigs.open(() => [200, { data: ["GET /", 5], total: 2 }]);
  expect(await source.resource!("services", {}, never())).toEqual({ values: ["GET /"] });
  await source.resource!("operations", { service: "a/../b?c" }, never());
  expect(server.requests.map(({ path }) => path)).toEqual(["/api/services", "/api/services/a%2F..%2Fb%3Fc/operations"]);
  await expect(source.resource!("operations", {}, never())).rejects.toThrow("names no service");
});

test("a query without an id or service, an unknown trace and an upload are sentences", async () => {
  const { ask, source } = await rigs.open(({ path }) =>
    path === "/api/services" ? [200, { data: [] }] : [404, { data: null }],
  );
  expect((await ask({})).error).toContain("write the id of a trace");
  expect((await ask({ queryType: "search" })).error).toContain("choose one");
  expect((await ask({ queryType: "upload" })).error).toContain("uploaded in a browser");
  expect(await ask({ query: "1", queryType: "traceql" })).toMatchObject({
    status: 404,
    error: "the data source has no trace 1",
  });
  expect(await source.health(never())).toMatchObject({ status: "OK" });
});

test("tags in logfmt may have quotes and spaces", () => {
  expect(logfmtTags('a=1 b="x y" c= d="\\\\" =e f')).toEqual({ a: "1", b: "x y", c: "", d: "\\" });
});
