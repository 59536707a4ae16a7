import { afterEach, expect, test } from "vitest";
import { openDataSource } from "../registry.ts";
import { environmentAt, FakeServer, never, settingsOf } from "../testing/fake-server.ts";
import { readVariableQuery } from "./variables.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

test.each([
  ["label_names()", { kind: "label names", match: "" }],
  ["label_names(node.*)", { kind: "label names", match: '{__name__=~".*node.*.*"}' }],
  ["label_values(job)", { kind: "label values", label: "job", match: "" }],
  [' label_values(up{a="b,c", d="e"}, job) ', { kind: "label values", label: "job", match: 'up{a="b,c", d="e"}' }],
  ["label_values({ }, job)", { kind: "label values", label: "job", match: "" }],
  ['label_values(up, "my.label")', { kind: "label values", label: "my.label", match: "up" }],
  ["metrics(node_.*)", { kind: "metrics", pattern: "node_.*" }],
  ["query_result(sum(up) by (job))", { kind: "query result", expr: "sum(up) by (job)" }],
  ['up{job="a"}', { kind: "series", match: 'up{job="a"}' }],
  ["", { kind: "nothing" }],
  ["label_values()", { kind: "nothing" }],
  [
    { qryType: 1, query: "label_values(up, job)", refId: "x" },
    { kind: "label values", label: "job", match: "up" },
  ],
  [
    { qryType: 1, label: "job", metric: "up", labelFilters: [{ label: "a", op: "!=", value: 'b"' }] },
    { kind: "label values", label: "job", match: String.raw`up{a!="b\""}` },
  ],
  [
    { qryType: 0, match: "node" },
    { kind: "label names", match: '{__name__=~".*node.*"}' },
  ],
  [
    { qryType: 2, metric: "node" },
    { kind: "metrics", pattern: "node" },
  ],
  [
    { qryType: 3, varQuery: "up" },
    { kind: "query result", expr: "up" },
  ],
  [
    { qryType: 4, seriesQuery: "up" },
    { kind: "series", match: "up" },
  ],
  [
    { qryType: 5, query: "metrics(a)" },
    { kind: "metrics", pattern: "a" },
  ],
  [{ qryType: "x", label: [] }, { kind: "nothing" }],
])("the query %j is parsed as %j", (query, expected) => {
  expect(readVariableQuery(query)).toEqual(expected);
});

const LISTS: Readonly<Record<string, unknown>> = {
  "/api/v1/labels": ["__name__", "job"],
  "/api/v1/label/job/values": ["b", "a"],
  "/api/v1/label/U__my_2e_label/values": ["x"],
  "/api/v1/label/__name__/values": ["up", "node_load1", "node_load5"],
  "/api/v1/series": [{ __name__: "up", job: "a" }, { __name__: "up" }, { __name__: "up", job: "a" }],
};

async function values(query: string | Readonly<Record<string, unknown>>, jsonData = {}) {
  const server = await FakeServer.open(({ path, parameters }) => {
    const list = LISTS[path];
    if (list !== undefined) return [200, { status: "success", data: list }];
    const result =
      parameters["query"] === "1"
        ? { resultType: "scalar", result: [1, "2"] }
        : { resultType: "vector", result: [{ metric: { job: "a" }, value: [1.5, "1e+30"] }] };
    return [200, { status: "success", data: result }];
  });
  const source = openDataSource(settingsOf("prometheus", server.url, { jsonData }), environmentAt(0));
  opened.push(server, source);
  const found = await source.variableValues!(query, { from: 1000, to: 2000 }, never());
  return { texts: found.map(({ text }) => text), asked: server.requests[0] };
}

test.each([
  ["label_names()", ["__name__", "job"]],
  ["label_values(job)", ["b", "a"]],
  ['label_values("my.label")', ["x"]],
  ["metrics(load[15]$)", ["node_load1", "node_load5"]],
  ["query_result(up)", ['{job="a"} 1e+30 1500']],
  ["query_result(1)", ["2"]],
  ["up", ['up{job="a"}', "up", 'up{job="a"}']],
] as const)("%s gives %j", async (query, expected) => {
  expect((await values(query)).texts).toEqual(expected);
});

test("the request contains the range and the limit", async () => {
  const { asked } = await values("label_values(up, job)");
  expect(asked!.parameters).toEqual({ "match[]": "up", start: "1", end: "2", limit: "40000" });
  const bySeries = await values("label_values(up, job)", { seriesEndpoint: true });
  expect([bySeries.texts, bySeries.asked!.path]).toEqual([["a"], "/api/v1/series"]);
});

test("an invalid expression is reported", async () => {
  await expect(values("metrics(()")).rejects.toThrow("metrics((): error parsing regexp");
});
