// The answers are those of graphite-web 1.1, and of its published API for older versions. The end-to-end test asks a
// real server of version 1.1.
import { type Frame, valueAt } from "@narthex/dashboards";
import { afterEach, expect, test, vi } from "vitest";
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
import { requestBudgets } from "../value-budget.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function rig(answer: (request: ReceivedRequest) => FakeAnswer | undefined) {
  const server = await FakeServer.open(answer);
  const source = openDataSource(settingsOf("graphite", server.url), environmentAt(10_000_000));
  opened.push(server, source);
  return { server, source };
}

const ask = async (source: DataSource, ...targets: readonly Readonly<Record<string, unknown>>[]) => {
  const queries = targets.map((target, at) => queryOf(target, [0, 60], "ABCDEFGH"[at]));
  return [...(await source.query(queries, never())).values()];
};
const columns = (frame: Frame): unknown =>
  frame.fields.map((field) => [field.name, Array.from({ length: frame.length }, (_, row) => valueAt(field, row))]);
const RANGE = { from: 0, to: 60_000 };

test("a target returns a frame for each series, as Grafana's server does", async () => {
  const series = [
    {
      target: "load of a",
      tags: { name: "srv.a.load", dc: 5, none: null },
      datapoints: [
        [1.5, 60],
        [null, 120],
        [Infinity, 180],
      ],
    },
    { target: "old server", datapoints: [] },
  ];
  const { server, source } = await rig(() => [200, JSON.stringify(series).replace("null,180", "1e9999,180")]);
  const [answer] = await ask(source, { target: "alias(srv.*.load, 'load')" });
  expect(answer!.status).toBe(200);
  expect(server.requests).toMatchObject([
    {
      method: "POST",
      path: "/render",
      parameters: { target: "alias(srv.*.load, 'load')", from: "0", until: "60", format: "json", maxDataPoints: "100" },
    },
  ]);
  expect(answer!.frames.map(columns)).toEqual([
    [
      ["time", [60_000, 120_000, 180_000]],
      ["value", [1.5, null, Infinity]],
    ],
    [
      ["time", []],
      ["value", []],
    ],
  ]);
  expect(answer!.frames[0]).toMatchObject({ name: "load of a", meta: { type: "timeseries-multi" } });
  expect(answer!.frames[0]!.fields[1]).toMatchObject({
    labels: { name: "srv.a.load", dc: "5" },
    config: { displayNameFromDS: "load of a" },
  });
});

test("references, macros and durations in targets are replaced, also in nested targets", async () => {
  const { server, source } = await rig(() => [200, []]);
  const answers = await ask(
    source,
    { target: "summarize(x.$__interval, '5m', \"2M\", '3min', 5m)" },
    { target: "sumSeries(#A, #A)" },
    { target: "scale(#B, $__interval_ms)" },
    { target: "stale(#X)", targetFull: "full(x)" },
    { target: "f(#H)" },
    { target: "f(#F)" },
    { target: "" },
    { target: "f(#E)" },
  );
  const a = "summarize(x.15s, '5min', \"2mon\", '3min', 5m)";
  expect(server.requests.map(({ parameters }) => parameters["target"])).toEqual([
    a,
    `sumSeries(${a}, ${a})`,
    `scale(sumSeries(${a}, ${a}), 15000)`,
    "full(x)",
  ]);
  expect(answers.map(({ error }) => error?.slice(0, 41))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    "the query refers to #E, but the reference",
    "the query refers to #F, but the reference",
    undefined,
    "the query refers to #H, but the reference",
  ]);
  const [unknown] = await ask(source, { target: "f(#B)" });
  expect(unknown).toMatchObject({ status: 400, error: "the query refers to #B, but there is no such query" });
});

test("targets that grow by their references are refused", async () => {
  const { server, source } = await rig(() => [200, []]);
  const doubled = ["B", "C", "D", "E", "F", "G", "H"].map((name) => ({ target: `f(${`#${name},`.repeat(20)})` }));
  const answers = await ask(source, ...doubled, { target: "x" });
  expect(answers[0]).toMatchObject({ status: 400, error: expect.stringContaining("too many") });
  expect(server.requests.length).toBeLessThan(8);
});

test.each([
  [400, "Invalid parameter: x", 400, "the data source answered 400 Bad Request: Invalid parameter: x"],
  [500, "<html><title>TypeError at /render</title><body>x</body></html>", 502, "TypeError at /render"],
  [500, "", 502, "wrong arguments of a function: check the target"],
  [401, "no", 400, "Authentication to data source failed"],
  [200, "<html>", 502, "does not answer as Graphite does"],
  [200, '[{"datapoints":[[1]]}]', 502, "does not answer as Graphite does"],
  [200, '[{"datapoints":[[1,2,3]]}]', 502, "does not answer as Graphite does"],
])("the answer %s %j is reported", async (given, body, status, error) => {
  const { source } = await rig(() => [given, body]);
  expect(await ask(source, { target: "x" })).toMatchObject([
    { frames: [], status, error: expect.stringContaining(error) },
  ]);
});

test.each([
  ["scale(sumSeries(a), 2", "1 more opening than closing parentheses"],
  ["scale(a, 2))", "1 more closing than opening parentheses"],
  ["alias(a, 'x)", "a text that does not end: write ' after it"],
  [String.raw`alias(a, 'it\'s)`, "a text that does not end"],
])("the target %s is refused, because Graphite would answer it with no series", async (target, problem) => {
  const { server, source } = await rig(() => [200, []]);
  expect(await ask(source, { target })).toMatchObject([{ status: 400, error: expect.stringContaining(problem) }]);
  expect(server.requests).toEqual([]);
});

test.each([String.raw`alias(a(b), "it's (")`, String.raw`alias(a, 'it\'s (')`, ""])(
  "the target %s ends, and is sent",
  async (target) => {
    const { source } = await rig(() => [200, []]);
    expect((await ask(source, { target }))[0]?.error).toBeUndefined();
  },
);

test("the cells of a request are limited", async () => {
  const datapoints = Array.from({ length: 1000 }, (_, at) => [at, at]);
  const { source } = await rig(() => [200, [{ target: "x", datapoints }]]);
  const budgets = requestBudgets();
  budgets.cells.take(4_999_000);
  const answers = await source.query([{ ...queryOf({ target: "x" }), budgets }], never());
  expect(answers.get("A")).toMatchObject({ status: 422, error: expect.stringContaining("more than 5000000 cells") });
});

test("variables list parts of paths, whole paths, tags, values of tags, and series", async () => {
  const { server, source } = await rig(({ path }) => {
    switch (path) {
      case "/metrics/find":
        return [200, [{ text: "a", id: "srv.a", leaf: 0 }, { text: "b" }, { text: "a" }, {}]];
      case "/metrics/expand":
        return [200, { results: ["srv.a", "srv.b"] }];
      case "/render":
        return [
          200,
          [
            {
              target: "one",
              datapoints: [
                [5, 1],
                [7, 2],
                [null, 3],
              ],
            },
            { target: "two", datapoints: [] },
          ],
        ];
      default:
        return [200, ["x", 5, "y"]];
    }
  });
  const values = async (query: string | Readonly<Record<string, unknown>>): Promise<unknown> =>
    (await source.variableValues!(query, RANGE, never())).map(({ value }) => value);
  expect(await values("srv.$__searchFilter")).toEqual(["a", "b"]);
  expect(await values("expand(srv.*)")).toEqual(["srv.a", "srv.b"]);
  expect(await values("tags(name=a, 'dc=~x,y')")).toEqual(["x", "y"]);
  expect(await values({ query: "tag_values(host, dc=x)", queryType: "Default" })).toEqual(["x", "y"]);
  expect(await values({ target: "sum(x)", queryType: "Value" })).toEqual(["7"]);
  expect(await values({ query: "sum(x)", queryType: "Metric Name" })).toEqual(["one", "two"]);
  expect(await values("")).toEqual([]);
  expect(
    server.requests.map(({ path, parameters: { query, expr, tag, from } }) => [path, query ?? expr, tag, from]),
  ).toEqual([
    ["/metrics/find", "srv.*", undefined, "0"],
    ["/metrics/expand", "srv.*", undefined, "0"],
    ["/tags/autoComplete/tags", "dc=~x,y", undefined, "0"],
    ["/tags/autoComplete/values", "dc=x", "host", "0"],
    ["/render", undefined, undefined, "0"],
    ["/render", undefined, undefined, "0"],
  ]);
});

test("annotations are events with tags, or points of a target", async () => {
  const events = [
    { when: 10, what: "Deploy", data: "v2", tags: ["x", "y"], id: 1 },
    { when: 20.5, what: "Old", data: null, tags: "a b" },
    { what: "no time" },
  ];
  const series = [
    {
      target: "t",
      datapoints: [
        [1, 10],
        [0, 20],
        [null, 30],
        [2, 40],
      ],
    },
  ];
  const { server, source } = await rig(({ path }) => [200, path === "/render" ? series : events]);
  const query = { tags: ["deploy", "prod"], target: { target: "" } };
  expect(await source.annotations!(query, RANGE, never())).toEqual([
    { time: 10_000, title: "Deploy", text: "v2", tags: ["x", "y"] },
    { time: 20_500, title: "Old", text: "", tags: ["a", "b"] },
  ]);
  expect(server.requests[0]!.parameters).toEqual({ from: "0", until: "60", tags: "deploy prod" });
  expect(await source.annotations!({ target: { target: "x" } }, RANGE, never())).toEqual([
    { time: 10_000, title: "t", text: "", tags: [] },
    { time: 40_000, title: "t", text: "", tags: [] },
  ]);
});

test("the test of the source renders a constant, and listings help to write queries", async () => {
  const { source } = await rig(({ path }) =>
    path === "/functions"
      ? [200, '{"sum":{"default":Infinity},"alias":{}}']
      : [200, [{ target: "100", datapoints: [], text: "srv" }]],
  );
  expect(await source.health(never())).toEqual({ status: "OK", message: "Successfully connected to Graphite" });
  expect(await source.resource!("functions", {}, never())).toEqual({ functions: ["sum", "alias"] });
  expect(await source.resource!("metrics", { query: "s*" }, never())).toEqual({ metrics: ["srv"] });
  await expect(source.resource!("x", {}, never())).rejects.toThrow('unknown listing "x"');
  const { source: broken } = await rig(() => [500, "no"]);
  expect(await broken.health(never())).toMatchObject({ status: "ERROR", message: expect.stringContaining("no") });
});

test("an aborted query ends, and so does its request", async () => {
  const { server, source } = await rig(() => undefined);
  const stop = new AbortController();
  const running = source.query([queryOf({ target: "x" })], stop.signal);
  await vi.waitFor(() => expect(server.requests).toHaveLength(1));
  stop.abort(new Error("gone"));
  await expect(running).rejects.toThrow("gone");
});

test("the tags of an event are at most a thousand, and other work runs while a long listing is read", async () => {
  const { source } = await rig(({ path }) =>
    path === "/events/get_data"
      ? [200, [{ when: 1, what: "x", data: "", tags: "a ".repeat(100_000) }]]
      : [200, { results: Array.from({ length: 120_000 }, (_, at) => `m${at}`) }],
  );
  const [event] = await source.annotations!({ tags: "t" }, RANGE, never());
  expect(event!.tags).toHaveLength(1000);
  expect(await source.variableValues!("expand(*)", RANGE, never())).toHaveLength(100_000);
});
