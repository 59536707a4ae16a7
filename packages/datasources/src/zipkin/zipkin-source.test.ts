// The answers are written after Zipkin's published HTTP API, version 2. No server of Zipkin runs in this test.
import { afterEach, expect, test } from "vitest";
import { never } from "../testing/fake-server.ts";
import { columnsOf, SourceRigs } from "../testing/traced-source.ts";

const rigs = new SourceRigs("zipkin");
afterEach(() => rigs.close());

const TRACE = [
  {
    traceId: "4bf9",
    id: "a",
    name: "get /",
    kind: "SERVER",
    timestamp: 1_700_000_000_000_500,
    duration: 1500,
    localEndpoint: { serviceName: "shop", ipv4: "10.0.0.1", port: 80 },
    annotations: [{ timestamp: 1_700_000_000_000_600, value: "ws" }],
    tags: { "http.path": "/", error: "500" },
  },
  { traceId: "4bf9", id: "a", parentId: "0", shared: true, remoteEndpoint: { serviceName: "db" } },
];

test("a trace id answers the spans of the trace", async () => {
  const { ask, server } = await rigs.open(() => [200, TRACE]);
  const { frames } = await ask({ query: "4bf9", queryType: "traceID" });
  expect(server.requests[0]).toMatchObject({ method: "GET", path: "/api/v2/trace/4bf9" });
  expect(frames[0]!.meta).toEqual({ preferredVisualisationType: "trace", custom: { traceFormat: "zipkin" } });
  expect(columnsOf(frames[0]!)).toEqual({
    traceID: ["4bf9", "4bf9"],
    spanID: ["a", "a"],
    parentSpanID: ["", "0"],
    operationName: ["get /", ""],
    serviceName: ["shop", "db"],
    serviceTags: [
      [
        { key: "ipv4", value: "10.0.0.1" },
        { key: "port", value: 80 },
        { key: "endpointType", value: "local" },
      ],
      [{ key: "endpointType", value: "remote" }],
    ],
    startTime: [1_700_000_000_000.5, 0],
    duration: [1.5, 0],
    logs: [[{ timestamp: 1_700_000_000_000.6, fields: [{ key: "annotation", value: "ws" }] }], []],
    tags: [
      [
        { key: "kind", value: "SERVER" },
        { key: "http.path", value: "/" },
        { key: "error", value: true },
        { key: "errorValue", value: "500" },
      ],
      [{ key: "shared", value: true }],
    ],
  });
});

test("editors list services, spans and the newest traces", async () => {
  const { source, server } = await rigs.open(({ path }) => [200, path === "/api/v2/traces" ? [TRACE] : ["shop"]]);
  expect(await source.resource!("services", {}, never())).toEqual({ values: ["shop"] });
  expect(await source.resource!("spans", { serviceName: "shop" }, never())).toEqual({ values: ["shop"] });
  const body = { serviceName: "shop", spanName: "get /", range: { from: 1000, to: 61_000 } };
  expect(await source.resource!("traces", body, never())).toEqual({ traces: [TRACE] });
  expect(server.requests.map(({ path, parameters }) => [path, parameters])).toEqual([
    ["/api/v2/services", {}],
    ["/api/v2/spans", { serviceName: "shop" }],
    ["/api/v2/traces", { serviceName: "shop", spanName: "get /", endTs: "61000", lookback: "60000", limit: "100" }],
  ]);
  await expect(source.resource!("spans", {}, never())).rejects.toThrow("names no service");
  await expect(source.resource!("x", {}, never())).rejects.toThrow('no resource "x"');
});

test("a query without an id, an upload, an unknown trace and another server are sentences", async () => {
  const { ask, source } = await rigs.open(({ path }) => (path.endsWith("/1") ? [404, ""] : [200, {}]));
  expect((await ask({})).error).toContain("write the id of a trace");
  expect((await ask({ queryType: "upload" })).error).toContain("uploaded in a browser");
  expect(await ask({ query: "1" })).toMatchObject({ status: 404, error: "the data source has no trace 1" });
  expect((await ask({ query: "2" })).error).toContain("does not answer as Zipkin does");
  expect(await source.health(never())).toMatchObject({ status: "ERROR" });
});
