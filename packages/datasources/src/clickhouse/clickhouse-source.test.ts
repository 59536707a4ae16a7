import { afterEach, beforeEach, expect, test } from "vitest";
import type { JsonObject } from "@narthex/dashboards";
import type { DataSourceSettings } from "../data-source.ts";
import { openDataSource } from "../registry.ts";
import { environmentAt, type FakeAnswer, FakeServer, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { expandSql } from "../sql/macros.ts";
import { CLICKHOUSE_DIALECT } from "./clickhouse-dialect.ts";
import { formatOf } from "./clickhouse-frame.ts";
import { customSettings, httpSettings } from "./clickhouse-settings.ts";
import { withoutFormat } from "./clickhouse-source.ts";

const TYPE = "grafana-clickhouse-datasource";

/** Returns the settings of the server's user in the format Native. */
const userSettings = (readonly: number, names: readonly string[] = []): Buffer => {
  const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);
  const rows = [["readonly", String(readonly)], ...names.map((name) => [name, "0"])] as const;
  return Buffer.concat([
    Buffer.of(2, rows.length),
    ...[0, 1].flatMap((at) => [text("nv"[at]!), text("String"), ...rows.map((row) => text(row[at]!))]),
  ]);
};

const CANCEL = "cancel_http_readonly_queries_on_client_close";
const ONE = Buffer.from("\u0001\u0001\u0001v\u0005UInt8\u0001", "latin1");

let server: FakeServer;
let user: Buffer;
let answer: FakeAnswer | undefined;
beforeEach(async () => {
  user = userSettings(0, [CANCEL]);
  answer = [200, ONE];
  server = await FakeServer.open((request) => (Object.hasOwn(request.parameters, "query_id") ? answer : [200, user]));
});
afterEach(() => server.close());

const sourceWith = (more: Partial<DataSourceSettings> = {}) =>
  openDataSource(settingsOf(TYPE, server.url, more), environmentAt(0));

async function ask(more: Partial<DataSourceSettings> = {}) {
  const source = sourceWith(more);
  try {
    return (await source.query([queryOf({ rawSql: "SELECT 1", format: 1 })], never())).get("A")!;
  } finally {
    await source.close();
  }
}

const asked = (): Readonly<Record<string, string>> =>
  server.requests.find(({ parameters }) => Object.hasOwn(parameters, "query_id"))!.parameters;

test("a query is read-only and limited on the server, and ends with its client", async () => {
  expect(await ask()).toMatchObject({ status: 200, frames: [{ length: 1, fields: [{ name: "v", type: "number" }] }] });
  expect(asked()).toMatchObject({
    readonly: "1",
    max_result_rows: "1000001",
    result_overflow_mode: "break",
    max_execution_time: "30",
    [CANCEL]: "1",
    default_format: "Native",
    wait_end_of_query: "1",
  });
});

test.each([
  [1, undefined, undefined],
  [2, undefined, "1000001"],
])("a user with readonly=%i gets only the settings that it may change", async (readonly, readonlySent, rows) => {
  user = userSettings(readonly);
  expect((await ask()).error).toBeUndefined();
  expect([asked()["readonly"], asked()["max_result_rows"], asked()[CANCEL]]).toEqual([readonlySent, rows, undefined]);
});

test("the password is sent as a header, not in the address", async () => {
  await ask({ jsonData: { username: "u" }, secureJsonData: { password: "p" } });
  for (const { headers, parameters } of server.requests) {
    expect(headers.authorization).toBe(`Basic ${Buffer.from("u:p").toString("base64")}`);
    expect(JSON.stringify(parameters)).not.toContain('"p"');
  }
});

test("own settings of the source are sent, but none can lift a limit", async () => {
  const settings = [
    ["max_threads", "2"],
    ["readonly", "0"],
    ["Max_Result_Rows", "0"],
    ["a b", "1"],
    ["query", "DROP"],
  ].map(([setting, value]) => ({ setting, value }));
  const jsonData = { customSettings: settings };
  expect(customSettings(settingsOf(TYPE, "", { jsonData }))).toEqual({ max_threads: "2" });
  await ask({ jsonData });
  expect(asked()).toMatchObject({ max_threads: "2", readonly: "1", max_result_rows: "1000001" });
});

test.each([
  [
    [500, "Code: 62. DB::Exception: Syntax error: x. (SYNTAX_ERROR) (version 24.8.1)"],
    400,
    "code: 62, message: Syntax error: x. (SYNTAX_ERROR)",
  ],
  [[403, "Code: 516. DB::Exception: bob: Authentication failed"], 502, "the user or the password is wrong"],
  [[401, ""], 502, "the user or the password is wrong"],
  [[500, "Code: 159. DB::Exception: Timeout exceeded: elapsed 5 seconds"], 504, "Timeout exceeded"],
  [[500, "Code: 202. DB::Exception: Too many simultaneous queries"], 502, "Too many simultaneous queries"],
  [[500, "Code: 164. DB::Exception: Cannot modify 'max_threads' setting in readonly mode"], 400, "remove SETTINGS"],
  [[400, "Port 9000 is for clickhouse-client program"], 400, "the port must be that of its HTTP interface"],
  [[200, "<html>"], 502, "is not in ClickHouse's format Native"],
] as const)("the answer %j fails the query", async (given, status, problem) => {
  answer = given;
  const { error, status: got } = await ask();
  expect([got, error]).toEqual([status, expect.stringContaining(problem)]);
  expect(error).not.toContain("bob");
});

test("a query whose client is gone is cancelled on the server", async () => {
  answer = undefined;
  const source = sourceWith();
  const gone = new AbortController();
  const asking = source.query([queryOf({ rawSql: "SELECT sleep(3)" })], gone.signal);
  await expect.poll(() => server.requests.length).toBe(2);
  gone.abort(new Error("gone"));
  await expect(asking).rejects.toThrow("gone");
  await expect.poll(() => server.requests.length).toBe(3);
  expect(server.requests[2]!.body).toContain("KILL QUERY WHERE query_id");
  await source.close();
});

test.each([
  [{ host: "db", port: 8123, protocol: "http" }, "http://db:8123"],
  [{ host: "db", port: 9000 }, "http://db:8123"],
  [{ server: " db ", port: 9440, secure: true }, "https://db:8443"],
  [{ host: "db", secure: "true", path: "/click", protocol: "http" }, "https://db:8443/click"],
])("the address %j is %s", (jsonData: JsonObject, url) => {
  expect(httpSettings(settingsOf(TYPE, "", { jsonData })).url).toBe(url);
});

test("link-local addresses are refused, however the address is written", async () => {
  for (const [url, jsonData] of [
    ["http://169.254.169.254", {}],
    ["", { host: "169.254.169.254", port: 80, protocol: "http" }],
    ["", { host: "x@169.254.169.254", port: 80, protocol: "http" }],
  ] as const) {
    const source = openDataSource(settingsOf(TYPE, url, { jsonData }), environmentAt(0));
    // oxlint-disable-next-line no-await-in-loop -- the message names the address that fails
    expect(await source.health(never()), url).toMatchObject({ status: "ERROR" });
  }
  expect(server.requests).toEqual([]);
});

test("a source without an address says what to write", async () => {
  const source = openDataSource(settingsOf(TYPE, ""), environmentAt(0));
  expect((await source.health(never())).message).toContain("has no address; write http://host:8123 as its URL");
});

test("headers of Grafana's plugin are sent, also secret ones", async () => {
  const jsonData = { httpHeaders: [{ name: "X-Plain", value: "a" }] };
  await ask({ jsonData, secureJsonData: { "secureHttpHeaders.X-Secret": "b" } });
  expect(server.requests[0]!.headers).toMatchObject({ "x-plain": "a", "x-secret": "b" });
});

const RANGE = { from: 1_711_845_000_500, to: 1_711_848_600_000 };
test.each([
  ["$__timeFilter(t)", "t >= toDateTime(1711845000) AND t <= toDateTime(1711848600)"],
  ["$__timeFilter(f(a, ')'))", "f(a, ')') >= toDateTime(1711845000) AND f(a, ')') <= toDateTime(1711848600)"],
  [
    "$__timeFilter_ms(t)",
    "t >= fromUnixTimestamp64Milli(1711845000500) AND t <= fromUnixTimestamp64Milli(1711848600000)",
  ],
  ["$__dateFilter(d)", "d >= toDate('2024-03-31') AND d <= toDate('2024-03-31')"],
  [
    "$__dateTimeFilter(d, t)",
    "(d >= toDate('2024-03-31') AND d <= toDate('2024-03-31')) AND (t >= toDateTime(1711845000) AND t <= toDateTime(1711848600))",
  ],
  ["$__fromTime, $__toTime()", "toDateTime(1711845000), toDateTime(1711848600)"],
  ["$__fromTime_ms", "fromUnixTimestamp64Milli(1711845000500)"],
  ["$__toTime_ms", "fromUnixTimestamp64Milli(1711848600000)"],
  ["$__timeInterval(t)", "toStartOfInterval(toDateTime(t), INTERVAL 15 second)"],
  ["$__timeInterval_ms(t)", "toStartOfInterval(toDateTime64(t, 3), INTERVAL 15000 millisecond)"],
  ["$__interval_s $__interval_s() $__interval_seconds", "15 15 15s_seconds"],
  ["$__interval $__interval_ms", "15s 15000"],
  ["match(a, '^x$')", "match(a, '^x$')"],
])("the macro in %j becomes SQL", (sql, expected) => {
  expect(expandSql({ sql, range: RANGE, intervalMs: 15_000, now: 0 }, CLICKHOUSE_DIALECT).sql).toBe(expected);
});

test.each([
  ["SELECT 1 FORMAT JSON", "SELECT 1"],
  ["SELECT 1\nformat\tTSV ; ", "SELECT 1"],
  ["SELECT format('{}', a) FROM t;", "SELECT format('{}', a) FROM t"],
  ["SELECT 'x FORMAT JSON'", "SELECT 'x FORMAT JSON'"],
])("%j is sent as %j", (sql, sent) => {
  expect(withoutFormat(sql)).toBe(sent);
});

test.each([
  [{}, "timeseries"],
  [{ format: 0 }, "timeseries"],
  [{ format: 1 }, "table"],
  [{ format: 2, queryType: "table" }, "logs"],
  [{ format: "3" }, "traces"],
  [{ format: "table" }, "table"],
  [{ queryType: "logs" }, "logs"],
  [{ queryType: "sql" }, "timeseries"],
])("the target %j has the format %s", (target, format) => {
  expect(formatOf(target)).toBe(format);
});
