import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mysqlLiteral } from "@narthex/dashboards";
import type { DataSourceSettings } from "@narthex/datasources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority } from "../../support/certificates.ts";
import { ClickhouseServer } from "../../support/clickhouse-server.ts";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";
import { AskedSource, rowsOf, typesOf } from "../sources/asked-source.ts";
import { hostileTexts } from "../sources/hostile-texts.ts";

const TIMEOUT_MS = 120_000;
/** A query that runs for many minutes. */
const SLOW = "SELECT count() FROM system.numbers WHERE sipHash64(number) = 1";

describe.skipIf(lacks("clickhouse"))("data source ClickHouse", { timeout: TIMEOUT_MS }, () => {
  let folder: string;
  let authority: Authority;
  let server: ClickhouseServer;
  let source: AskedSource;

  const settings = (more: Partial<DataSourceSettings> = {}): ConstructorParameters<typeof AskedSource>[0] => ({
    type: "grafana-clickhouse-datasource",
    url: `http://127.0.0.1:${server.port}`,
    ...more,
    jsonData: { defaultDatabase: "shop", ...more.jsonData },
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "narthex-click-tls-"));
    authority = new Authority(folder, "own");
    server = await ClickhouseServer.start({ tls: authority.issue({ name: "db", alternatives: "IP:127.0.0.1" }) });
    await server.sql("CREATE DATABASE shop");
    await server.sql(
      "CREATE TABLE shop.orders (at DateTime, day Date, host LowCardinality(String), n UInt32, v Nullable(Float64)) " +
        "ENGINE = MergeTree ORDER BY at",
    );
    // Every ten minutes around the hour in which Europe changes to summer time.
    await server.sql(
      "INSERT INTO shop.orders SELECT toDateTime(1711845000 + number * 600), toDate('2024-03-31'), " +
        "if(number % 2, 'b', 'a'), number, if(number = 3, NULL, number) FROM system.numbers LIMIT 7",
    );
    source = new AskedSource(settings());
  }, TIMEOUT_MS);

  afterAll(async () => {
    await source?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }, TIMEOUT_MS);

  test.each([
    ["toUInt8(200)", "number", 200],
    ["toInt8(-1)", "number", -1],
    ["toUInt16(65535)", "number", 65_535],
    ["toInt16(-2)", "number", -2],
    ["toUInt32(4294967295)", "number", 4_294_967_295],
    ["toInt32(-3)", "number", -3],
    ["toUInt64(9007199254740991)", "number", 9_007_199_254_740_991],
    ["toUInt64(18446744073709551615)", "string", "18446744073709551615"],
    ["toInt64(-9007199254740993)", "string", "-9007199254740993"],
    ["toFloat32(1.5)", "number", 1.5],
    ["1e300", "number", 1e300],
    ["toDecimal32(-1.25, 2)", "number", -1.25],
    ["toDecimal64(123456789.125, 3)", "number", 123_456_789.125],
    ["toDecimal128(-5, 10)", "number", -5],
    ["'é漢😀'", "string", "é漢😀"],
    ["''", "string", ""],
    ["toFixedString('ab', 4)", "string", "ab"],
    ["CAST('b' AS Enum8('a' = 1, 'b' = -2))", "string", "b"],
    ["CAST('x\\'y' AS Enum16('x\\'y' = 1000))", "string", "x'y"],
    ["toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", "string", "61f0c404-5cb3-11e7-907b-a6006ad3dba0"],
    ["toDate('2024-03-31')", "time", Date.UTC(2024, 2, 31)],
    ["toDateTime(1711845000)", "time", 1_711_845_000_000],
    ["toDateTime('2024-03-31 03:30:00', 'Europe/Berlin')", "time", 1_711_848_600_000],
    // The hour that Berlin has twice: both moments are different times.
    ["toDateTime(1729987200, 'Europe/Berlin')", "time", 1_729_987_200_000],
    ["toDateTime(1729990800, 'Europe/Berlin')", "time", 1_729_990_800_000],
  ])("%s has the type %s, and may be null", async (expression, type, value) => {
    const frame = await source.frame(`SELECT toNullable(${expression}) AS v UNION ALL SELECT NULL`);
    expect(typesOf(frame)).toEqual([type]);
    expect(rowsOf(frame).toSorted(nullsLast)).toEqual([[value], [null]]);
    expect(await source.rows(`SELECT ${expression} AS v`)).toEqual([[value]]);
  });

  const nullsLast = ([a]: unknown[], [b]: unknown[]): number => Number(a === null) - Number(b === null);

  test.each([
    ["[1, 2]", [1, 2]],
    ["[[1], []]", [[1], []]],
    ["['a', NULL]", ["a", null]],
    ["(1, 'a', toDate('2024-03-31'))", [1, "a", "2024-03-31T00:00:00Z"]],
    [
      "[(1, 'a'), (2, 'b')]",
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    ["[18446744073709551615]", ["18446744073709551615"]],
  ])("%s becomes JSON", async (expression, value) => {
    const frame = await source.frame(`SELECT ${expression} AS v`);
    expect(typesOf(frame)).toEqual(["json"]);
    expect(rowsOf(frame)).toEqual([[value]]);
  });

  test("values of low cardinality are read, also null ones and over several blocks", async () => {
    await server.sql(
      "CREATE TABLE shop.low (s LowCardinality(Nullable(String)), l Array(LowCardinality(String)), n UInt32) ENGINE = Memory",
    );
    await server.sql(
      "INSERT INTO shop.low SELECT if(number % 3 = 0, NULL, toString(number % 1000)), " +
        "if(number % 2, emptyArrayString(), [toString(number % 700)]), number FROM system.numbers LIMIT 200000",
    );
    const { length, fields } = await source.frame("SELECT s, l, n FROM low ORDER BY n");
    expect(length).toBe(200_000);
    for (const row of [0, 1, 65_535, 65_536, 131_072, 199_999]) {
      const expected = [row % 3 === 0 ? null : String(row % 1000), row % 2 === 1 ? [] : [String(row % 700)], row];
      expect(fields.map(({ values }) => values[row])).toEqual(expected);
    }
    await server.sql("DROP TABLE shop.low");
  });

  test("the macros give valid SQL, and select the range of the query", async () => {
    for (const [sql, count] of [
      ["SELECT at FROM orders WHERE $__timeFilter(at)", 7],
      ["SELECT at FROM orders WHERE $__timeFilter(toDateTime(at))", 7],
      ["SELECT at FROM orders WHERE $__dateFilter(day)", 7],
      ["SELECT at FROM orders WHERE $__dateTimeFilter(day, at)", 7],
      ["SELECT at FROM orders WHERE $__dt(day, at)", 7],
      ["SELECT at FROM orders WHERE at > $__fromTime AND at < $__toTime", 5],
      ["SELECT at FROM orders WHERE at > $__fromTime() AND at < $__toTime()", 5],
      ["SELECT intDiv(toUInt32(at), $__interval_s) * $__interval_s AS t, count() FROM orders GROUP BY t", 7],
      ["SELECT '$__interval', $__interval_ms, $__interval_s", 1],
    ] as const)
      expect(await source.rows(sql), sql).toHaveLength(count);
    expect(await source.rows("SELECT '$__interval', $__interval_ms, $__interval_s()")).toEqual([["1m", 60_000, 60]]);
  });

  test("rows of several hosts become series", async () => {
    const { fields, meta } = await source.frame("SELECT at, host, v FROM orders ORDER BY at", "time_series");
    expect(fields.map(({ name, labels }) => [name, labels])).toEqual([
      ["at", undefined],
      ["v", { host: "a" }],
      ["v", { host: "b" }],
    ]);
    expect([...fields[0]!.values]).toEqual(Array.from({ length: 7 }, (_, i) => 1_711_845_000_000 + i * 600_000));
    expect(meta).toMatchObject({ type: "timeseries-wide", preferredVisualisationType: "graph" });
    const unsorted = await source.ask("SELECT at, host, v FROM orders ORDER BY at DESC", "time_series");
    expect(unsorted.error).toContain("order the rows by time");
    expect((await source.frame("SELECT at, v FROM orders WHERE 0", "time_series")).fields).toEqual([]);
  });

  test.each([
    ["SELECT 1;", undefined],
    ["SELECT 1 FORMAT JSON", undefined],
    ["SELECT 1 format CSV ;", undefined],
    ["-- a comment\nSELECT 1", undefined],
    ["/* a comment */ SELECT 1", undefined],
    ["WITH 1 AS x SELECT x", undefined],
    ["SHOW TABLES", undefined],
    ["SHOW DATABASES", undefined],
    ["DESCRIBE TABLE orders", undefined],
    ["EXISTS TABLE orders", undefined],
    ["SHOW CREATE TABLE orders", undefined],
    ["SHOW PROCESSLIST", undefined],
    ['SELECT 1 AS `a``b`, 2 AS "__proto__", 3 AS "a\\"b"', undefined],
    ["SELECT * FROM orders WHERE 0", undefined],
    ["SELECT NULL", undefined],
    ["SELECT quantiles(0.5, 0.9)(v) FROM orders", undefined],
    ["SELECT arrayJoin([1, 2, 3])", undefined],
    ["SELECT groupArray(host) FROM orders", undefined],
    ["SELECT number FROM system.numbers LIMIT 3", undefined],
    ["SELECT 'Code: 1, e.displayText() = DB::Exception: x' AS message", undefined],
    ["SELECT nan, inf, -inf", undefined],
    ["SELECT * FROM nothing", "code: 60, message: Table shop.nothing doesn't exist."],
    ["SELECT nothing FROM orders", "code: 47, message: Unknown identifier"],
    ["SELECT FROM", "code: 47, message: Unknown identifier"],
    ["SELECT 1 +", "code: 62"],
    ["SELECT toUInt8('x')", "code: 6, message: Cannot parse"],
    ["SELECT nothing()", "code: 46, message: Unknown function"],
    ["SELECT 1; SELECT 2", "Multi-statements are not allowed"],
    ["SELECT 1; DROP TABLE orders", "code: 62"],
    ["SELECT throwIf(number = 200000) FROM system.numbers LIMIT 300000", "code: 395, message: Value passed to"],
    ["SELECT sumState(n) FROM orders", "a column has the type AggregateFunction, which cannot be shown"],
    ["SELECT $__nothing(1)", 'unknown macro "__nothing"'],
    ["SELECT $__timeFilter()", "macro __timeFilter expects 1 argument, received 0"],
    ["SELECT $__dateTimeFilter(a)", "macro __dateTimeFilter expects 2 arguments, received 1"],
    ["SELECT 1 SETTINGS max_threads = 63", "queries are read-only: remove SETTINGS"],
    ["SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", "Table functions are forbidden in readonly mode"],
    ["SELECT * FROM file('/etc/passwd', 'CSV', 'a String')", "Table functions are forbidden in readonly mode"],
    ["SELECT * FROM remote('127.0.0.1', 'shop', 'orders')", "Table functions are forbidden in readonly mode"],
    ["DROP TABLE orders", 'begins with "DROP"'],
    ["INSERT INTO orders VALUES (1)", 'begins with "INSERT"'],
    ["SET readonly = 0", 'begins with "SET"'],
    ["SYSTEM SHUTDOWN", 'begins with "SYSTEM"'],
    ["KILL QUERY WHERE 1", 'begins with "KILL"'],
    ["ALTER TABLE orders DELETE WHERE 1", 'begins with "ALTER"'],
    ["USE system", 'begins with "USE"'],
    ["/* */ TRUNCATE TABLE orders", 'begins with "TRUNCATE"'],
    ["", undefined],
  ])("the query %j is answered", async (sql, problem) => {
    const answer = await source.ask(sql);
    if (problem === undefined) expect(answer?.error).toBeUndefined();
    else expect(answer.error).toContain(problem);
    expect(await server.sql("SELECT count() FROM shop.orders")).toBe("7");
  });

  test("of 10 million rows the first million is read, and the server stops", async () => {
    const { length, meta } = await source.frame("SELECT number FROM system.numbers LIMIT 10000000");
    expect(length).toBe(1_000_000);
    expect(meta?.notices?.[0]?.text).toContain("Results have been limited to 1000000");
    expect((await source.frame("SELECT number FROM system.numbers")).length).toBe(1_000_000);
    await expectNoStatement();
  });

  test("a result with too many bytes fails, although it has few rows", async () => {
    const answer = await source.ask("SELECT toFixedString(toString(number), 1000000) FROM system.numbers LIMIT 200");
    expect(answer).toMatchObject({ status: 422, error: expect.stringContaining("more than 64 MiB") });
    await expectNoStatement();
  });

  test("a statement is cancelled on the server when its client is gone, or at the time limit", async () => {
    const gone = new AbortController();
    const asking = source.ask(SLOW, "table", gone.signal);
    await eventually("the statement runs", async () => {
      expect(await running()).not.toBe("0");
    });
    gone.abort(new Error("gone"));
    await expect(asking).rejects.toThrow("gone");
    await expectNoStatement();
    await using slow = new AskedSource(settings({ jsonData: { queryTimeout: 1 } }));
    expect(await slow.ask(SLOW)).toMatchObject({ status: 504 });
    await expectNoStatement();
  });

  const running = (): Promise<string> =>
    server.sql(
      "SELECT count() FROM system.processes WHERE query LIKE '%system.numbers%' AND query NOT LIKE '%processes%'",
    );

  const expectNoStatement = (): Promise<void> =>
    eventually("the server runs no statement", async () => {
      expect(await running()).toBe("0");
    });

  test("10,000 values of variables never leave their literal", async () => {
    const texts = hostileTexts(10_000);
    for (let at = 0; at < texts.length; at += 500) {
      const part = texts.slice(at, at + 500);
      // oxlint-disable-next-line no-await-in-loop -- one statement after the other
      const rows = await source.rows(`SELECT arrayJoin([${part.map(mysqlLiteral).join(",")}])`);
      expect(rows).toEqual(part.map((text) => [text]));
    }
  });

  test("tables and columns are listed, and a hostile name of a table is a value", async () => {
    const list = (path: string, body = {}) => source.source.resource!(path, body, new AbortController().signal);
    expect(await list("tables")).toEqual({ tables: ["orders"] });
    const columns = [{ name: "at", type: "DateTime" }, { name: "day", type: "Date" }, {}, {}, {}];
    expect(await list("columns", { table: "orders" })).toMatchObject({ columns });
    expect(await list("columns", { table: "shop.orders" })).toMatchObject({ columns });
    expect(await list("columns", { table: String.raw`x\' OR '1'='1` })).toEqual({ columns: [] });
  });

  test("variables and annotations are read", async () => {
    const range = { from: 0, to: 1 };
    const signal = new AbortController().signal;
    const options = await source.source.variableValues!(
      "SELECT DISTINCT host FROM orders ORDER BY host",
      range,
      signal,
    );
    expect(options).toEqual(["a", "b"].map((text) => ({ text, value: text })));
    const rawQuery = "SELECT at AS time, host AS text, 'x,y' AS tags FROM orders ORDER BY at LIMIT 1";
    expect(await source.source.annotations!({ rawQuery }, range, signal)).toEqual([
      { time: 1_711_845_000_000, title: "", text: "a", tags: ["x", "y"] },
    ]);
  });

  test.each(["reader", "setter"])("the user %s, who may change nothing, can ask everything", async (user) => {
    const secureJsonData = { password: "secret" };
    await using reading = new AskedSource(settings({ jsonData: { username: user }, secureJsonData }));
    expect(await reading.rows("SELECT count() FROM orders")).toEqual([[7]]);
    const { length } = await reading.frame("SELECT number FROM system.numbers LIMIT 1500000");
    expect(length).toBe(1_000_000);
    expect((await reading.ask("DROP TABLE orders")).error).toContain('begins with "DROP"');
  });

  test("the health hides why a login failed", async () => {
    const health = (one: AskedSource) => one.source.health(new AbortController().signal);
    expect(await health(source)).toEqual({ status: "OK", message: "Database Connection OK" });
    const jsonData = { username: "reader" };
    await using wrong = new AskedSource(settings({ jsonData, secureJsonData: { password: "wrong" } }));
    const message = "the data source refuses the connection: the user or the password is wrong";
    expect(await health(wrong)).toEqual({ status: "ERROR", message });
  });

  test("the address may be written as Grafana's plugin does", async () => {
    const jsonData = { host: "127.0.0.1", port: server.port, protocol: "http", username: "reader" };
    await using asked = new AskedSource(settings({ url: "", jsonData, secureJsonData: { password: "secret" } }));
    expect(await asked.rows("SELECT currentDatabase()")).toEqual([["shop"]]);
  });

  test("TLS checks the authority and the name of the server, unless it is told not to", async () => {
    const other = new Authority(folder, "other");
    const ask = async (ca: string, more: object = {}) => {
      const url = `https://127.0.0.1:${server.tlsPort}`;
      const jsonData = { tlsAuthWithCACert: true, ...more };
      await using asked = new AskedSource(settings({ url, jsonData, secureJsonData: { tlsCACert: ca } }));
      const { error, frames } = await asked.ask("SELECT 1");
      return error ?? rowsOf(frames[0]!)[0]?.[0];
    };
    expect(await ask(authority.pair.cert)).toBe(1);
    expect(await ask(other.pair.cert)).toContain("not signed by a known authority");
    expect(await ask(authority.pair.cert, { serverName: "db.other" })).toContain(
      "another one than the host of the URL",
    );
    expect(await ask(other.pair.cert, { tlsSkipVerify: true })).toBe(1);
  });

  test("a server that is killed in the middle of a query fails it, and the next query finds the new server", async () => {
    const asking = source.ask(SLOW);
    await eventually("the statement runs", async () => {
      expect(await running()).not.toBe("0");
    });
    await server.stop();
    expect((await asking).status).toBe(502);
    const error = "the data source cannot be reached: connect: connection refused";
    expect(await source.ask("SELECT 1")).toMatchObject({ status: 502, error });
    await server.startAgain();
    expect(await source.rows("SELECT 1")).toEqual([[1]]);
  });
});
