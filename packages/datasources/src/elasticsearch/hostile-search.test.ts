// Searches and answers that would take much more time or memory than their size suggests.
import type { JsonObject } from "@narthex/dashboards";
import { afterEach, expect, test } from "vitest";
import { openDataSource } from "../registry.ts";
import { environmentAt, FakeServer, never, queryOf, settingsOf } from "../testing/fake-server.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function answering(response: unknown, jsonData: JsonObject = {}) {
  const server = await FakeServer.open(() => [200, { responses: [response] }]);
  const settings = settingsOf("elasticsearch", server.url, { jsonData: { index: "logs", ...jsonData } });
  const source = openDataSource(settings, environmentAt(10_000_000));
  opened.push(server, source);
  const ask = async (target: JsonObject, range: [number, number] = [0, 60]) =>
    (await source.query([queryOf(target, range)], never())).get("A")!;
  return { server, source, ask };
}

const DATES = { id: "d", type: "date_histogram", field: "@timestamp" };

test("groups with the same id are refused, because each level would be read once for each of them", async () => {
  let level: JsonObject = { doc_count: 0 };
  for (let depth = 0; depth < 50; depth++) level = { doc_count: 0, 2: level };
  const { server, ask } = await answering({ aggregations: level });
  const bucketAggs = Array.from({ length: 50 }, () => ({ id: "2", type: "nested", field: "a" }));
  const { error } = await ask({ metrics: [{ id: "1", type: "count" }], bucketAggs });
  expect(error).toContain('two groups have the id "2"');
  expect(server.requests).toEqual([]);
});

test("descriptions in the name of a script are not replaced again", async () => {
  const buckets = [{ key: 1000, doc_count: 1, s: { value: 1 } }];
  const { ask } = await answering({ aggregations: { d: { buckets } } });
  const doubling = Array.from({ length: 25 }, (_, i) => ({
    id: `m${i}`,
    type: "avg",
    field: `params.v${i + 1}z params.v${i + 1}z`,
    hide: true,
  }));
  const pipelineVariables = doubling.map(({ id }, i) => ({ name: `v${i}z`, pipelineAgg: id }));
  const script = { id: "s", type: "bucket_script", settings: { script: "params.v0z * 2" }, pipelineVariables };
  const { frames } = await ask({ metrics: [...doubling, script], bucketAggs: [DATES] });
  expect(frames[0]!.name).toBe("Average params.v1z params.v1z * 2");
});

test("the names of series have a limited length, because an alias is repeated for each series", async () => {
  const inner = { d: { buckets: [{ key: 1000, doc_count: 1 }] } };
  const { ask } = await answering({ aggregations: { 2: { buckets: [{ key: "x", doc_count: 1, ...inner }] } } });
  const bucketAggs = [{ id: "2", type: "terms", field: "host" }, DATES];
  const { frames } = await ask({ alias: `{{host}}${"a".repeat(100_000)}`, bucketAggs, metrics: [] });
  expect(frames[0]!.name).toBe(`x${"a".repeat(992)}`);
});

test("a table has a limited number of columns, whose names the server chooses", async () => {
  const buckets = Array.from({ length: 2500 }, (_, at) => ({ key: "k", 1: { values: { [`p${at}`]: 1 } } }));
  const { ask } = await answering({ aggregations: { 2: { buckets } } });
  const bucketAggs = [{ id: "2", type: "terms", field: "host" }];
  const { error } = await ask({ metrics: [{ id: "1", type: "percentiles", field: "took" }], bucketAggs });
  expect(error).toContain("more than 2000 columns");
});

test("the empty cells of a table count", async () => {
  const buckets = Array.from({ length: 4000 }, (_, at) => ({
    key: "k",
    1: { values: at < 1500 ? { [`p${at}`]: 1 } : {} },
  }));
  const { ask } = await answering({ aggregations: { 2: { buckets } } });
  const bucketAggs = [{ id: "2", type: "terms", field: "host" }];
  const { error } = await ask({ metrics: [{ id: "1", type: "percentiles", field: "took" }], bucketAggs });
  expect(error).toContain("cells");
});

test("a metric shows only statistics that exist", async () => {
  const meta = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`m${at}`, true]));
  const buckets = [{ key: 1000, doc_count: 1, 1: { max: 3 } }];
  const { ask } = await answering({ aggregations: { d: { buckets } } });
  const metrics = [{ id: "1", type: "extended_stats", field: "took", meta: { ...meta, max: true } }];
  const { frames } = await ask({ metrics, bucketAggs: [DATES] });
  expect(frames.map(({ name }) => name)).toEqual(["Max took"]);
});

test("each series counts as several cells, because its frame takes much memory", async () => {
  const inner = { d: { buckets: [{ key: 1000, doc_count: 1 }] } };
  const buckets = Array.from({ length: 230_000 }, () => ({ key: "x", ...inner }));
  const { ask } = await answering({ aggregations: { 2: { buckets } } });
  const bucketAggs = [{ id: "2", type: "terms", field: "host" }, DATES];
  expect((await ask({ bucketAggs, metrics: [] })).error).toContain("cells");
});

test("the filters of a group in an answer are limited", async () => {
  const buckets = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`f${at}`, { doc_count: 1 }]));
  const { ask } = await answering({ aggregations: { 2: { buckets } } });
  const { error } = await ask({ metrics: [], bucketAggs: [{ id: "2", type: "filters" }] });
  expect(error).toContain("more than 10000 filters");
});

test("no more annotations are read than were asked for", async () => {
  const hit = { _source: { "@timestamp": 1000 } };
  const { source } = await answering({ hits: { hits: Array.from({ length: 10_001 }, () => hit) } });
  const range = { from: 0, to: 60_000 };
  expect(await source.annotations!({ query: "*" }, range, never())).toHaveLength(10_000);
});

test("lists within a metric have a limited length", async () => {
  const { ask } = await answering({ aggregations: {} });
  const metrics = [{ id: "1", type: "top_metrics", settings: { metrics: Array.from({ length: 51 }, String) } }];
  expect((await ask({ metrics, bucketAggs: [DATES] })).error).toContain("more than 50");
  const pipelineVariables = Array.from({ length: 51 }, (_, at) => ({ name: `v${at}`, pipelineAgg: "1" }));
  const script = [{ id: "2", type: "bucket_script", settings: { script: "1" }, pipelineVariables }];
  expect((await ask({ metrics: script, bucketAggs: [DATES] })).error).toContain("more than 50");
});

test.each([[-1e13, 60] as const, [Number.NaN, 60] as const])(
  "a range from %s, for which a dated pattern has no index, searches no other indexes",
  async (from, to) => {
    const { server, source, ask } = await answering({}, { index: "[logs-]YYYY.MM.DD", interval: "Daily" });
    expect((await ask({}, [from, to])).error).toMatch(/range/);
    const range = { from: from * 1000, to: to * 1000 };
    const variable = source.variableValues!('{"find": "terms", "field": "host"}', range, never());
    await expect(variable).rejects.toThrow(/no index/);
    await expect(source.variableValues!('{"find": "fields"}', { from: 86_400_000, to: 0 }, never())).rejects.toThrow(
      /no index/,
    );
    expect(server.requests).toEqual([]);
  },
);
