// The answers follow the examples of Loki's published HTTP API. No Loki runs in this test.
import { type Frame, valueAt } from "@narthex/dashboards";
import { afterEach, expect, test, vi } from "vitest";
import type { DataSource, DataSourceSettings } from "../data-source.ts";
import { ManualClock } from "@narthex/runtime/testing";
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

const data = (resultType: string, result: unknown, more = {}, top = {}): FakeAnswer => [
  200,
  { status: "success", data: { resultType, result, ...more }, ...top },
];

async function rig(
  answer: (request: ReceivedRequest) => FakeAnswer | undefined,
  settings: Partial<DataSourceSettings> = {},
  environment = environmentAt(10_000_000),
) {
  const server = await FakeServer.open(answer);
  const source = openDataSource(settingsOf("loki", server.url, settings), environment);
  opened.push(server, source);
  return { server, source, environment };
}

async function ask(source: DataSource, target: Readonly<Record<string, unknown>>, range: [number, number] = [0, 60]) {
  const answers = await source.query([queryOf(target, range)], never());
  return answers.get("A")!;
}

const columns = (frame: Frame): unknown =>
  Object.fromEntries(
    frame.fields.map((field) => [field.name, Array.from({ length: frame.length }, (_, row) => valueAt(field, row))]),
  );

const STREAMS = [
  {
    stream: { job: "api", env: "prod" },
    values: [
      ["1700000000123456789", "level=info one"],
      ["1700000000123456788", "level=warn <two>"],
    ],
  },
  { stream: { job: "db" }, values: [["1700000000000000001", "three"]] },
];

test("a log query returns one frame with the columns of Grafana's server", async () => {
  const stats = { summary: { totalBytesProcessed: 81, execTime: 0.5, linesProcessedPerSecond: "x" }, ingester: [] };
  const { server, source } = await rig(() => data("streams", STREAMS, { stats }));
  const { frames, status } = await ask(source, { expr: '{job=~".+"}', queryType: "range" });
  expect(status).toBe(200);
  expect(server.requests).toMatchObject([
    {
      method: "GET",
      path: "/loki/api/v1/query_range",
      headers: { "x-loki-response-encoding-flags": "categorize-labels" },
      parameters: {
        query: '{job=~".+"}',
        direction: "backward",
        limit: "1000",
        start: "0",
        end: "60000000000",
        step: "15000ms",
      },
    },
  ]);
  expect(frames).toHaveLength(1);
  expect(columns(frames[0]!)).toEqual({
    labels: [{ env: "prod", job: "api" }, { env: "prod", job: "api" }, { job: "db" }],
    Time: [1_700_000_000_123, 1_700_000_000_123, 1_700_000_000_000],
    Line: ["level=info one", "level=warn <two>", "three"],
    tsNs: ["1700000000123456789", "1700000000123456788", "1700000000000000001"],
    id: [expect.stringMatching(/^1700000000123456789_[0-9a-f]+$/), expect.any(String), expect.any(String)],
  });
  expect(frames[0]!.fields.map(({ name }) => name)).toEqual(["labels", "Time", "Line", "tsNs", "id"]);
  expect(frames[0]!.meta).toMatchObject({
    preferredVisualisationType: "logs",
    custom: { frameType: "LabeledTimeValues" },
    executedQueryString: 'Expr: {job=~".+"}',
  });
  expect(frames[0]!.meta!.stats).toEqual([
    { displayName: "Summary: bytes processed per second", unit: "Bps", value: 0 },
    { displayName: "Summary: lines processed per second", value: 0 },
    { displayName: "Summary: total bytes processed", unit: "decbytes", value: 81 },
    { displayName: "Summary: total lines processed", value: 0 },
    { displayName: "Summary: exec time", unit: "s", value: 0.5 },
  ]);
});

test("lines with structured metadata have the labels of all kinds, and a column with the kind of each label", async () => {
  const values = [
    ["1", "a", { structuredMetadata: { trace_id: "t1" }, parsed: { level: "warn", job: "parsed" } }],
    ["2", "b", {}],
    ["3", "c"],
    ["4", "d", null],
  ];
  const { source } = await rig(() =>
    data("streams", [{ values, stream: { job: "api" } }], { encodingFlags: ["categorize-labels"] }),
  );
  const { frames } = await ask(source, { expr: "{a=`b`}" });
  const { labels, labelTypes, tsNs } = columns(frames[0]!) as Record<string, unknown[]>;
  expect(labels).toEqual([
    { job: "parsed", level: "warn", trace_id: "t1" },
    { job: "api" },
    { job: "api" },
    { job: "api" },
  ]);
  expect(labelTypes).toEqual([{ job: "P", level: "P", trace_id: "S" }, { job: "I" }, { job: "I" }, { job: "I" }]);
  expect(tsNs).toEqual(["1", "2", "3", "4"]);
  expect(frames[0]!.fields[4]!.config).toEqual({ custom: { hidden: true } });
});

test("the id of a line is the one that Grafana's server computes, and equal lines have different ids", async () => {
  const line = ["1700000000000000000", "same"];
  const { source } = await rig(() => data("streams", [{ stream: {}, values: [line, line] }]));
  const { frames } = await ask(source, { expr: "{}" });
  // Expects the id of a line to contain the 32-bit FNV-1 hash of `same_{}`.
  expect((columns(frames[0]!) as { id: unknown }).id).toEqual([
    "1700000000000000000_d988d966",
    "1700000000000000000_d988d966_1",
  ]);
});

test("a metric query returns a frame for each series", async () => {
  const series = [
    {
      metric: { job: "api" },
      values: [
        [15, "1"],
        [30, "2.5"],
      ],
    },
    { metric: {}, values: [[15, "3"]] },
  ];
  const { source } = await rig(() => data("matrix", series));
  const { frames } = await ask(source, { expr: "sum by (job) (rate({a=`b`}[$__auto]))", legendFormat: "" });
  expect(frames.map(({ name }) => name)).toEqual(['{job="api"}', "{}"]);
  expect(columns(frames[0]!)).toEqual({ Time: [15_000, 30_000], Value: [1, 2.5] });
  expect(frames[0]!.meta).toMatchObject({
    type: "timeseries-multi",
    executedQueryString: "Expr: sum by (job) (rate({a=`b`}[15s]))\nStep: 15s",
  });
  const named = await ask(source, { expr: "rate({a=`b`}[1m])", legendFormat: "of {{job}}" });
  expect(named.frames.map(({ name }) => name)).toEqual(["of api", "of "]);
});

test("an instant query asks at the end of the range, and `$__auto` is the whole range", async () => {
  const { server, source } = await rig(() => data("vector", [{ metric: { job: "a" }, value: [60, "7"] }]));
  const { frames } = await ask(source, { expr: "count_over_time({a=`b`}[$__auto])", queryType: "instant" });
  expect(server.requests[0]).toMatchObject({
    path: "/loki/api/v1/query",
    parameters: { time: "60000000000", query: "count_over_time({a=`b`}[60s])" },
  });
  expect(columns(frames[0]!)).toEqual({ Time: [60_000], Value: [7] });
  expect(frames[0]!.meta!.executedQueryString).toBe("Expr: count_over_time({a=`b`}[60s])");
});

test("the target sets step, direction and number of lines, within the limits of the source", async () => {
  const { server, source } = await rig(() => data("streams", []), { jsonData: { maxLines: "200" } });
  const asked = async (target: object): Promise<unknown> => {
    await ask(source, { expr: "{a=`$__interval $__range_s ${__interval_ms} $__ranger`}", ...target });
    return server.requests.at(-1)!.parameters;
  };
  expect(await asked({})).toMatchObject({ limit: "200", query: "{a=`15s 60 15000 $__ranger`}" });
  expect(await asked({ maxLines: 7, direction: "forward" })).toMatchObject({ limit: "7", direction: "forward" });
  expect(await asked({ maxLines: 1e9, direction: "scan" })).toMatchObject({ limit: "5000", direction: "backward" });
  expect(await asked({ maxLines: [], step: 5, queryType: "stream" })).toMatchObject({ limit: "200", step: "5000ms" });
  expect(await asked({ step: "1m" })).toMatchObject({ step: "60000ms" });
  expect(await asked({ step: "$__interval", resolution: 3 })).toMatchObject({ step: "15000ms" });
  expect(await asked({ resolution: 5 })).toMatchObject({ step: "75000ms" });
  expect(await asked({ resolution: 7 })).toMatchObject({ step: "15000ms" });
  await ask(source, { expr: "{a=`b`}", step: "1ms" }, [0, 31_536_000]);
  expect(server.requests.at(-1)!.parameters).toMatchObject({ step: "2866910ms" });
});

test("a query that is too long for an address is sent as the body of a request", async () => {
  const { server, source } = await rig(() => data("streams", []));
  await ask(source, { expr: `{a="${"b".repeat(5000)}"}` });
  expect(server.requests[0]).toMatchObject({ method: "POST", path: "/loki/api/v1/query_range" });
});

test("no more lines than the query's limit are read, and a notice says so", async () => {
  const values = Array.from({ length: 30 }, (_, i) => [String(i), "x"]);
  const stream = (job: string): object => ({ stream: { job }, values });
  const { source } = await rig(() => data("streams", [stream("a"), stream("b")], {}, { warnings: ["slow"] }));
  const { frames } = await ask(source, { expr: "{}", maxLines: 40 });
  expect(frames[0]!.length).toBe(40);
  expect(frames[0]!.meta!.notices).toEqual([
    { severity: "warning", text: "slow" },
    {
      severity: "warning",
      text: "the data source sent more than the 40 lines of the query; the other lines are not shown",
    },
  ]);
});

test.each([
  [[400, "parse error at line 1, col 2: syntax error\n"], 400, "400 Bad Request: parse error at line 1, col 2"],
  [[500, { message: "rpc error", code: 500 }], 502, "500 Internal Server Error: rpc error"],
  [[429, "too many outstanding requests"], 400, "429 Too Many Requests: too many outstanding requests"],
  [[504, ""], 504, "answered 504 Gateway Timeout"],
  [[502, "<html>proxy</html>"], 502, /answered 502 Bad Gateway$/],
  [[401, "no org id"], 400, "Authentication to data source failed"],
  [[200, { status: "error", error: "bad" }], 502, "bad"],
  [[200, { status: "error", error: `bad\n${"x".repeat(2000)}` }], 502, /^bad x{996}$/],
  [[200, { status: "y".repeat(2000) }], 502, /^status "y{1000}"$/],
  [data("z".repeat(2000), []), 502, /type "z{1000}" that/],
  [[200, "{}"], 502, 'status ""'],
  [[200, "not json"], 502, "does not answer as Loki does: the answer is not a JSON object"],
  [[200, ""], 502, "the answer is empty"],
  [[200, '{"status":"success","data":{"resultType":"streams","result":[{"stream":{"a":"b"},"val'], 502, "incomplete"],
  [data("streams", [{ values: [] }]), 502, "a series has no labels"],
  [data("streams", [{ stream: { a: 1 }, values: [] }]), 502, "malformed JSON"],
  [data("streams", [{ stream: {}, values: [[1, "a"]] }]), 502, "malformed JSON"],
  [data("streams", [{ stream: {}, values: [["1.5", "a"]] }]), 502, "not a number of nanoseconds"],
  [data("streams", [{ stream: {}, values: [["9".repeat(30), "a"]] }]), 502, "not a number of nanoseconds"],
  [data("streams", [{ stream: {}, values: [["1"]] }]), 502, "malformed JSON"],
  [data("streams", [{ stream: {}, values: [["1", "a", {}, 4]] }]), 502, "malformed JSON"],
  [data("streams", [{ stream: {}, values: [["1", "a", []]] }]), 502, "malformed JSON"],
  [data("streams", [{ stream: {}, values: "x" }]), 502, "malformed JSON"],
  [data("streams", [{ metric: {}, values: [[1, "1"]] }]), 502, 'type "streams" that cannot be read'],
  [data("matrix", [{ stream: {}, values: [["1", "a"]] }]), 502, 'type "matrix" that cannot be read'],
  [data("matrix", [{ metric: {}, values: [["a", "1"]] }]), 502, "malformed JSON"],
  [data("magic", []), 502, 'type "magic"'],
  [data("scalar", [1]), 502, 'type "scalar"'],
] as const)("the answer %j is an error of status %i: %s", async (answer, status, message) => {
  const { source } = await rig(() => answer);
  const given = await ask(source, { expr: "{a=`b`}" });
  expect(given).toMatchObject({ status, frames: [], error: expect.stringMatching(escaped(message)) });
  expect(given.fault).toBeUndefined();
});

const escaped = (message: string | RegExp): RegExp =>
  typeof message === "string" ? new RegExp(message.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)) : message;

test("a line of a megabyte is read, and an answer that is too large is refused", async () => {
  const answer = data("streams", [{ stream: {}, values: [["1", "x".repeat(1_000_000)]] }]);
  const { source } = await rig(() => answer);
  expect((await ask(source, { expr: "{}" })).frames[0]!.length).toBe(1);
  const small = environmentAt(0, { maxAnswerBytes: 500_000 });
  const { source: limited } = await rig(() => answer, {}, small);
  expect(await ask(limited, { expr: "{}" })).toMatchObject({ status: 422, error: expect.stringContaining("MiB") });
});

test("the labels of lines count as cells of the request", async () => {
  const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`l${i}`, "v"]));
  const values = Array.from({ length: 900 }, (_, i) => [String(i), "x"]);
  const { source } = await rig(() => data("streams", [{ stream: labels, values }]));
  const queries = Array.from({ length: 6 }, (_, i) => queryOf({ expr: `{a="${i}"}` }, [0, 60], `Q${i}`));
  const answers = [...(await source.query(queries, never())).values()];
  const refused = answers.filter(({ error }) => error !== undefined);
  expect(answers.length - refused.length).toBe(5);
  expect(refused).toMatchObject([{ status: 422, error: expect.stringContaining("more than 5000000 cells") }]);
});

test("times before 1970 are rounded down", async () => {
  const values = [
    ["-1", "a"],
    ["-2000000", "b"],
    ["9223372036854775807", "c"],
  ];
  const { source } = await rig(() => data("streams", [{ stream: {}, values }]));
  const { frames } = await ask(source, { expr: "{}" });
  expect((columns(frames[0]!) as { Time: unknown }).Time).toEqual([-1, -2, 9_223_372_036_854]);
});

test("a request without an answer ends at its timeout, or when its client disconnects", async () => {
  const { source, environment, server } = await rig(() => undefined, { jsonData: { timeout: 5 } });
  const gone = new AbortController();
  const aborted = source.query([queryOf({ expr: "{a=`b`}" })], gone.signal);
  gone.abort(new Error("client is gone"));
  await expect(aborted).rejects.toThrow("client is gone");
  const late = ask(source, { expr: "{c=`d`}" });
  await expect.poll(() => server.requests.some(({ parameters }) => parameters["query"] === "{c=`d`}")).toBe(true);
  await environment.clock.advance(5000);
  expect(await late).toMatchObject({ status: 504, error: expect.stringContaining("within 5 s") });
});

test("an empty expression and a reversed range are not sent", async () => {
  const { source, server } = await rig(() => data("streams", []));
  expect(await ask(source, { expr: " " })).toMatchObject({ status: 400, error: "the query has no expression" });
  expect(await ask(source, { expr: "{}" }, [60, 0])).toMatchObject({ status: 400 });
  expect(server.requests).toEqual([]);
});

test("filters of the dashboard are added to the query", async () => {
  const { source, server } = await rig(() => data("streams", []));
  const adhocFilters = [{ key: "job", operator: "=", value: 'a"} or {b="' }];
  await ask(source, { expr: "{env=`p`}", adhocFilters });
  expect(server.requests[0]!.parameters["query"]).toBe(String.raw`{env=${"`p`"}, job="a\"} or {b=\""}`);
});

test("derived fields are columns with links to addresses of the web, or to queries of other sources", async () => {
  const derivedFields = [
    { name: "trace", matcherRegex: "trace=(\\w+)", url: "https://t/${__value.raw}", urlDisplayLabel: "Trace" },
    { name: "pod", matcherRegex: "^pod_", matcherType: "label", url: "javascript:alert(1)" },
    { name: "tempo", matcherRegex: "trace=(\\w+)", url: "${__value.raw}", datasourceUid: "t1" },
    { name: "none", matcherRegex: "nothing(x)" },
    { name: "", matcherRegex: "x" },
    7,
  ];
  const stream = {
    stream: { pod_name: "p1" },
    values: [
      ["1", "trace=abc x"],
      ["2", "y"],
    ],
  };
  const { source } = await rig(() => data("streams", [stream]), { jsonData: { derivedFields } });
  const { frames } = await ask(source, { expr: "{}" });
  const derived = frames[0]!.fields.slice(5);
  expect(derived.map(({ name, values, config }) => [name, values, config])).toEqual([
    [
      "trace",
      ["abc", null],
      { links: [{ title: "Trace", url: "https://t/${__value.raw}", targetBlank: true, oneClick: false }] },
    ],
    ["pod", ["p1", "p1"], {}],
    [
      "tempo",
      ["abc", null],
      {
        links: [
          {
            title: "tempo",
            url: "",
            targetBlank: false,
            oneClick: false,
            internal: { datasourceUid: "t1", datasourceName: "", query: { query: "${__value.raw}" } },
          },
        ],
      },
    ],
  ]);
});

test("the search for derived fields ends when its client disconnects, or at the timeout of the source", async () => {
  const values = Array.from({ length: 100 }, (_, i) => [String(i), "x"]);
  const settings = { jsonData: { derivedFields: [{ name: "trace", matcherRegex: "(x)" }], timeout: 5 } };
  const searching: { readClock?: (() => number) | undefined } = {};
  class ReadClock extends ManualClock {
    override monotonic(): number {
      return searching.readClock?.() ?? super.monotonic();
    }

    override sleep(): Promise<void> {
      return Promise.resolve();
    }
  }
  /** Sends a query, and calls a function for the clock as soon as the answer of the source is complete. */
  const asked = async (readClock: () => number, signal = never()) => {
    searching.readClock = undefined;
    const environment = { ...environmentAt(0), clock: new ReadClock() };
    const { flights } = environment.desk;
    const join: typeof flights.join = flights.join.bind(flights);
    vi.spyOn(flights, "join").mockImplementation(async (...call) => {
      const answer = await join(...call);
      searching.readClock = readClock;
      return answer;
    });
    const { source } = await rig(() => data("streams", [{ stream: {}, values }]), settings, environment);
    return (await source.query([queryOf({ expr: "{}" })], signal)).get("A")!;
  };
  let now = 0;
  expect(await asked(() => (now += 100))).toMatchObject({
    status: 504,
    error: expect.stringContaining("the search for derived fields took more than 5 s"),
  });
  const gone = new AbortController();
  let reads = 0;
  const aborted = asked(() => {
    if (++reads === 20) gone.abort(new Error("client is gone"));
    return 0;
  }, gone.signal);
  await expect(aborted).rejects.toThrow("client is gone");
  expect(reads).toBeLessThan(25);
});

test("an invalid pattern of a derived field is the answer to each query", async () => {
  const { source } = await rig(() => data("streams", []), {
    jsonData: { derivedFields: [{ name: "trace", matcherRegex: "(" }] },
  });
  expect(await ask(source, { expr: "{}" })).toMatchObject({
    status: 400,
    error: expect.stringContaining('derived field "trace": error parsing regexp'),
  });
});

test.each([
  ["label_names()", "/loki/api/v1/labels", undefined],
  [" label_values(job) ", "/loki/api/v1/label/job/values", undefined],
  ['label_values({a="b", c="d"}, job)', "/loki/api/v1/label/job/values", '{a="b", c="d"}'],
  ["label_values({}, job)", "/loki/api/v1/label/job/values", undefined],
  [{ type: 0, refId: "x" }, "/loki/api/v1/labels", undefined],
  [{ type: 1, label: "job", stream: '{a="b"}', refId: "x" }, "/loki/api/v1/label/job/values", '{a="b"}'],
  [{ query: "label_values(job)", refId: "x" }, "/loki/api/v1/label/job/values", undefined],
])("the variable %j asks %s", async (query, path, selector) => {
  const { source, server } = await rig(() => [200, { status: "success", data: ["b", "a"] }]);
  const options = await source.variableValues!(query, { from: 1000, to: 2000 }, never());
  expect(options.map(({ value }) => value)).toEqual(["b", "a"]);
  const range = { start: "1000000000", end: "2000000000" };
  expect(server.requests[0]).toMatchObject({ path });
  expect(server.requests[0]!.parameters).toEqual(selector === undefined ? range : { ...range, query: selector });
});

test("a variable without a query has no options, an unknown one is refused, and an answer may have no data", async () => {
  const { source } = await rig(() => [200, { status: "success" }]);
  const values = (query: string | Readonly<Record<string, unknown>>) =>
    source.variableValues!(query, { from: 0, to: 1 }, never());
  expect(await values("")).toEqual([]);
  expect(await values({ type: 1 })).toEqual([]);
  expect(await values("label_names()")).toEqual([]);
  await expect(values("query_result(up)")).rejects.toThrow('"query_result(up)" is not label_names()');
});

test("lines become annotations: the line is the text, its labels are the tags", async () => {
  const { source, server } = await rig(() => data("streams", STREAMS));
  const notes = (query: object) => source.annotations!({ ...query }, { from: 0, to: 60_000 }, never());
  expect(await notes({ expr: "{a=`b`}", maxLines: 2, tagKeys: " job , none" })).toEqual([
    { time: 1_700_000_000_123, title: "", text: "level=info one", tags: ["api"] },
    { time: 1_700_000_000_123, title: "", text: "level=warn <two>", tags: ["api"] },
  ]);
  const titled = await notes({ target: { expr: "{a=`b`}" }, titleFormat: "{{job}}", textFormat: "in {{env}}" });
  expect(titled[0]).toEqual({ time: 1_700_000_000_123, title: "api", text: "in prod", tags: ["prod", "api"] });
  expect(server.requests[0]!.parameters).toMatchObject({ limit: "2", step: "60000ms" });
  expect(await notes({ expr: "" })).toEqual([]);
});

test("an annotation whose query returns series is refused", async () => {
  const { source } = await rig(() => data("matrix", []));
  await expect(source.annotations!({ expr: "rate({a=`b`}[1m])" }, { from: 0, to: 1 }, never())).rejects.toThrow(
    "write a query that returns log lines",
  );
});

test("the health of a source is a query that Loki computes without logs", async () => {
  const { source, server } = await rig(() => data("vector", [{ metric: {}, value: [1, "2"] }]));
  expect(await source.health(never())).toEqual({ status: "OK", message: "Data source successfully connected." });
  expect(server.requests[0]).toMatchObject({
    path: "/loki/api/v1/query",
    parameters: { query: "vector(1)+vector(1)" },
  });
  const { source: other } = await rig(() => data("vector", []));
  expect(await other.health(never())).toMatchObject({ status: "ERROR" });
  const { source: broken } = await rig(() => [404, "404 page not found"]);
  expect(await broken.health(never())).toEqual({
    status: "ERROR",
    message: "Unable to connect with Loki: the data source answered 404 Not Found: 404 page not found",
  });
});

test("people who may read only some series cannot use the source", async () => {
  const { source } = await rig(() => data("streams", []));
  expect("limitedTo" in source).toBe(false);
});

test("the header with the tenant is sent, and twenty viewers of a panel cause one request", async () => {
  const { source, server } = await rig(() => data("streams", []), {
    jsonData: { httpHeaderName1: "X-Scope-OrgID" },
    secureJsonData: { httpHeaderValue1: "team-a" },
  });
  await Promise.all(Array.from({ length: 20 }, () => ask(source, { expr: "{a=`b`}" })));
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]!.headers["x-scope-orgid"]).toBe("team-a");
});

const NAMES: FakeAnswer = [200, { status: "success", data: ["job", "env"] }];
const AT = "1700000000123456789";

test("the context of a line is read from its stream, with times exact to the nanosecond, the nearest line first", async () => {
  const { server, source } = await rig(({ path }) => (path.endsWith("/labels") ? NAMES : data("streams", STREAMS)));
  const labels = { job: "api", env: 'a"b\\', detected_level: "info", trace: "7" };
  const ask = (body: object) => source.resource!("log-context", { labels, nanoseconds: AT, ...body }, never());
  expect(await ask({ direction: "before", labelTypes: { job: "I", trace: "S", detected_level: "P" } })).toEqual({
    lines: [
      { nanoseconds: AT, text: "level=info one" },
      { nanoseconds: "1700000000123456788", text: "level=warn <two>" },
      { nanoseconds: "1700000000000000001", text: "three" },
    ],
  });
  const after = (await ask({ direction: "after", limit: 1e9 })) as { lines: { text: string }[] };
  expect(after.lines.map(({ text }) => text)).toEqual(["three", "level=warn <two>", "level=info one"]);
  expect(server.requests.map(({ path, parameters }) => [path, parameters])).toMatchObject([
    [
      "/loki/api/v1/query_range",
      {
        query: '{job="api"}',
        start: "1699992800123456789",
        end: AT,
        limit: "20",
        direction: "backward",
      },
    ],
    ["/loki/api/v1/labels", {}],
    [
      "/loki/api/v1/query_range",
      {
        query: '{job="api",env="a\\"b\\\\"}',
        start: AT,
        end: "1700007200123456789",
        limit: "500",
        direction: "forward",
      },
    ],
  ]);
});

test.each([
  [{ direction: "sideways" }, 'the direction "sideways" is not'],
  [{ nanoseconds: "1e9" }, "not a number of nanoseconds"],
  [{ nanoseconds: "9".repeat(20) }, "not a number of nanoseconds"],
  [{ labels: { 'a"} or {b="': "c" } }, "no label that the data source has indexed"],
  [{ labels: { trace: "7" } }, "no label that the data source has indexed"],
  [{ labels: 7 }, "no label that the data source has indexed"],
])("a request for the context of a line with %j is refused", async (change, reason) => {
  const { source } = await rig(() => NAMES);
  const body = { labels: { job: "api" }, nanoseconds: AT, direction: "before", ...change };
  await expect(source.resource!("log-context", body, never())).rejects.toThrow(reason);
  await expect(source.resource!("other", body, never())).rejects.toThrow('returns "log-context", not "other"');
});

test("the metric queries of a request share its budget of series", async () => {
  const { source } = await rig(() => data("matrix", [{ metric: { job: "a" }, values: [[15, "1"]] }]));
  const budgets = { ...requestBudgets(), series: new ValueBudget(40, "too many values") };
  const target = { expr: 'sum(rate({job="a"}[1m]))', queryType: "range" };
  const queries = ["A", "B", "C"].map((refId) => ({ ...queryOf(target, [0, 60], refId), budgets }));
  const answers = await source.query(queries, never());
  expect(Array.from(answers.values(), ({ status }) => status)).toEqual([200, 200, 422]);
});
