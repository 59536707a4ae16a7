import { chownSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sqlLiteral } from "@narthex/dashboards";
import type { DataSourceSettings } from "@narthex/datasources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { PostgresServer } from "../../support/postgres-server.ts";
import { lacks } from "../../support/requirements.ts";
import { AskedSource, rowsOf, typesOf } from "../sources/asked-source.ts";
import { hostileTexts } from "../sources/hostile-texts.ts";

const TIMEOUT_MS = 120_000;

describe.skipIf(lacks("postgres"))("data source PostgreSQL", { timeout: TIMEOUT_MS }, () => {
  let server: PostgresServer;
  let source: AskedSource;

  const settings = (more: Partial<DataSourceSettings> = {}): ConstructorParameters<typeof AskedSource>[0] => ({
    type: "grafana-postgresql-datasource",
    url: `127.0.0.1:${server.port}`,
    user: "narthex",
    jsonData: { database: "postgres", sslmode: "disable" },
    ...more,
  });

  beforeAll(async () => {
    server = await PostgresServer.start();
    await server.sql(
      "CREATE TABLE orders (at timestamptz, host text, v float8, n int8); " +
        "INSERT INTO orders SELECT timestamptz '2024-03-31 00:30:00+00' + i * interval '10 min', " +
        "CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END, i, i FROM generate_series(0, 6) i; " +
        "CREATE ROLE reader LOGIN; GRANT SELECT ON orders TO reader; REVOKE CREATE ON DATABASE postgres FROM PUBLIC",
    );
    source = new AskedSource(settings());
  }, TIMEOUT_MS);

  afterAll(async () => {
    await source?.source.close();
    await server?.[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  test.each([
    ["1::int2", "number", 1],
    ["1::int4", "number", 1],
    ["9007199254740991::int8", "number", 9_007_199_254_740_991],
    ["9007199254740993::int8", "string", "9007199254740993"],
    ["1.25::numeric", "number", 1.25],
    ["'NaN'::numeric", "number", Number.NaN],
    ["1.5::float4", "number", 1.5],
    ["'-Infinity'::float8", "number", Number.NEGATIVE_INFINITY],
    ["true", "boolean", true],
    ["'a'::char(2)", "string", "a "],
    ["'a'::name", "string", "a"],
    ["'$1.50'::money", "string", "$1.50"],
    [`E'\\\\x4142'::bytea`, "string", "AB"],
    ["'2024-03-31'::date", "time", Date.UTC(2024, 2, 31)],
    ["'2024-03-31 02:30:00'::timestamp", "time", Date.UTC(2024, 2, 31, 2, 30)],
    ["'2024-03-31 03:30:00 Europe/Berlin'::timestamptz", "time", Date.UTC(2024, 2, 31, 1, 30)],
    ["'infinity'::timestamptz", "time", null],
    ["'0044-03-15 BC'::date", "time", Date.parse("-000043-03-15T00:00:00Z")],
    ["'10:00'::time", "string", "10:00:00"],
    ["'1 day'::interval", "string", "1 day"],
    [`'{"a": 1}'::json`, "string", '{"a": 1}'],
    [`'{"a": 1}'::jsonb`, "string", '{"a": 1}'],
    ["ARRAY[1,2]", "string", "{1,2}"],
    ["'00000000-0000-0000-0000-000000000001'::uuid", "string", "00000000-0000-0000-0000-000000000001"],
    ["'10.0.0.0/8'::inet", "string", "10.0.0.0/8"],
    ["ROW(1, 'a')", "string", "(1,a)"],
  ])("%s has the type %s", async (expression, type, value) => {
    const frame = await source.frame(`SELECT ${expression} AS v UNION ALL SELECT NULL`);
    expect(typesOf(frame)).toEqual([type]);
    expect(rowsOf(frame)).toEqual([[value], [null]]);
  });

  test("all macros give valid SQL, and select the range of the query", async () => {
    for (const [sql, count] of [
      ["SELECT $__time(at) FROM orders WHERE $__timeFilter(at)", 7],
      ["SELECT $__timeEpoch(at) FROM orders", 7],
      ["SELECT at FROM orders WHERE at > $__timeFrom() AND at < $__timeTo()", 5],
      ["SELECT $__timeGroup(at,'1h'), count(*) FROM orders GROUP BY 1 ORDER BY 1", 2],
      ["SELECT $__timeGroupAlias(at,20m), count(*) FROM orders GROUP BY 1 ORDER BY 1", 4],
      ["SELECT n FROM orders WHERE $__unixEpochFilter(1711845000)", 7],
      [`SELECT 1 WHERE $__unixEpochFrom() = 1711845000 AND $__unixEpochTo() = 1711848600`, 1],
      ["SELECT 1 WHERE $__unixEpochNanoFilter(1711845000000000000)", 1],
      ["SELECT 1 WHERE $__unixEpochNanoTo() - $__unixEpochNanoFrom() = 3600000000000", 1],
      ["SELECT $__unixEpochGroup(n,5m) AS g FROM orders GROUP BY g", 1],
      ["SELECT $__unixEpochGroupAlias(n,5m) FROM orders", 7],
      ["SELECT '$__interval', $__interval_ms", 1],
    ] as const)
      expect(await source.rows(sql), sql).toHaveLength(count);
  });

  test("rows of several hosts become series, and missing times are filled, also at the change to summer time", async () => {
    const sql =
      "SELECT $__timeGroup(at,'30m',NULL), host AS metric, sum(v) AS v FROM orders GROUP BY 1, 2 ORDER BY 1, 2";
    const { fields, length } = await source.frame(sql, "time_series");
    expect(fields.map(({ name, labels }) => [name, labels])).toEqual([
      ["Time", undefined],
      ["a", undefined],
      ["b", undefined],
    ]);
    expect(Array.from(fields[0]!.values as Float64Array)).toEqual(
      [0, 1, 2].map((i) => Date.UTC(2024, 2, 31, 0, 30 + 30 * i)),
    );
    expect(length).toBe(3);
    expect(Array.from(fields[1]!.values as Float64Array)).toEqual([2, 4, 6]);
  });

  test.each([
    ["", undefined],
    ["-- nothing", undefined],
    ["SELECT 1;", undefined],
    ["VALUES (1), (2)", undefined],
    ["TABLE orders", undefined],
    ["SHOW server_version", undefined],
    ["EXPLAIN SELECT 1", undefined],
    ["SELECT 1 WHERE false", undefined],
    ['SELECT 1 AS "a""b", 2 AS "a""b", 3 AS "__proto__"', undefined],
    ["SELECT", undefined],
    ["SELECT 1; SELECT 2", "cannot insert multiple commands"],
    ["SELECT 1; DROP TABLE orders", "cannot insert multiple commands"],
    ["SELEC 1", 'the statement begins with "SELEC"'],
    ["SELECT * FROM nothing", 'relation "nothing" does not exist (SQLSTATE 42P01)'],
    ["SELECT 1/0", "division by zero"],
    ["SELECT $__nothing(1)", 'unknown macro "__nothing"'],
    ["SELECT $1", "SQLSTATE"],
    ["DROP TABLE orders", 'begins with "DROP"'],
    ["COPY orders TO STDOUT", 'begins with "COPY"'],
    ["COPY orders FROM PROGRAM 'id'", 'begins with "COPY"'],
    ["SET default_transaction_read_only = off", 'begins with "SET"'],
    ["COMMIT", 'begins with "COMMIT"'],
    ["WITH x AS (DELETE FROM orders RETURNING 1) SELECT * FROM x", "read-only transaction"],
    ["EXPLAIN ANALYZE DELETE FROM orders", "read-only transaction"],
    ["SELECT set_config('transaction_read_only', 'off', false)", "must be set before any query"],
    ["SELECT nextval('orders_id')", "does not exist"],
    ["SELECT * INTO copied FROM orders", "read-only transaction"],
    ["SELECT * FROM orders FOR UPDATE", "read-only transaction"],
    ["SELECT lo_create(0)", undefined],
  ])("the query %j is answered", async (sql, problem) => {
    const answer = await source.ask(sql);
    if (problem === undefined) expect(answer?.error).toBeUndefined();
    else expect(answer.error).toContain(problem);
    const kept = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM pg_largeobject_metadata)";
    expect(await server.sql(kept)).toBe("7|0");
  });

  test("a setting that a query changes does not reach the next query", async () => {
    await source.ask(
      "SELECT set_config('default_transaction_read_only', 'off', false), set_config('TimeZone', 'Asia/Tokyo', false)",
    );
    const [[zone]] = (await source.rows("SELECT current_setting('TimeZone')")) as [[string]];
    expect(zone).not.toBe("Asia/Tokyo");
    expect((await source.ask("WITH x AS (DELETE FROM orders RETURNING 1) SELECT * FROM x")).error).toContain(
      "read-only",
    );
  });

  test("of 10 million rows the first million is read, and the server stops", async () => {
    const { length, meta } = await source.frame("SELECT i FROM generate_series(1, 10000000) i");
    expect(length).toBe(1_000_000);
    expect(meta?.notices).toEqual([
      { severity: "warning", text: "Results have been limited to 1000000 because the SQL row limit was reached" },
    ]);
    await expectNoStatement();
  });

  test("a result with too many bytes fails, although it has few rows", async () => {
    const answer = await source.ask("SELECT repeat('x', 10000000) FROM generate_series(1, 20)");
    expect(answer).toMatchObject({ status: 422, error: expect.stringContaining("more than 64 MiB") });
    await expectNoStatement();
  });

  test("a statement is cancelled on the server when its client is gone, or at the time limit", async () => {
    const gone = new AbortController();
    const asking = source.ask("SELECT count(*) FROM generate_series(1, 1000000000)", "table", gone.signal);
    await eventually("the statement runs", async () => {
      expect(await running()).toBe("1");
    });
    gone.abort(new Error("gone"));
    await expect(asking).rejects.toThrow("gone");
    await expectNoStatement();
    await using slow = new AskedSource(
      settings({ jsonData: { database: "postgres", sslmode: "disable", timeout: 1 } }),
    );
    const answer = await slow.ask("SELECT pg_sleep(60)");
    expect(answer.error).toMatch(/did not answer completely within 1 s|statement timeout/);
    await expectNoStatement();
  });

  const running = (): Promise<string> =>
    server.sql(
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'narthex dashboards' AND state = 'active'",
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
      const rows = await source.rows(`VALUES ${part.map((text) => `(${sqlLiteral(text)})`).join(", ")}`);
      expect(rows).toEqual(part.map((text) => [text]));
    }
  });

  test("tables and columns are listed, and a hostile name of a table is a value", async () => {
    const list = (path: string, body = {}) => source.source.resource!(path, body, new AbortController().signal);
    expect(await list("tables")).toEqual({ tables: ["orders"] });
    expect(await list("columns", { table: "orders" })).toMatchObject({
      columns: [{ name: "at", type: "timestamp with time zone" }, { name: "host", type: "text" }, {}, {}],
    });
    expect(await list("columns", { table: "x' OR '1'='1" })).toEqual({ columns: [] });
  });

  test("the health warns of a user who may write", async () => {
    const health = (one: AskedSource) => one.source.health(new AbortController().signal);
    expect((await health(source)).message).toBe(
      "Database Connection OK; its user may write: give the source a user that may only read",
    );
    await using reader = new AskedSource(settings({ user: "reader" }));
    expect(await health(reader)).toEqual({ status: "OK", message: "Database Connection OK" });
    await using unknown = new AskedSource(settings({ user: "nobody" }));
    expect((await health(unknown)).message).toContain("the user or the password is wrong");
  });

  test("a socket in the file system is only used for a source from a provisioning file", async () => {
    await using refused = new AskedSource(settings({ url: server.folder }));
    expect((await refused.ask("SELECT 1")).error).toContain("define such a source in a provisioning file");
    const url = join(server.folder, `.s.PGSQL.${server.port}`);
    await using permitted = new AskedSource(settings({ url, isProvisioned: true }));
    expect(await permitted.rows("SELECT 1")).toEqual([[1]]);
  });

  test("each TLS mode checks what its name says, and a failure names its reason", async () => {
    const folder = mkdtempSync(join(server.folder, "tls-"));
    const own = new Authority(folder, "own");
    const other = new Authority(folder, "other");
    const { cert, key } = own.issue({ name: "db", alternatives: "DNS:db.example" });
    const ask = async (sslmode: string, ca = "") => {
      const jsonData = { database: "postgres", sslmode, tlsConfigurationMethod: "file-content" };
      await using asked = new AskedSource(settings({ jsonData, secureJsonData: { tlsCACert: ca } }));
      return (await asked.ask("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).error;
    };
    expect(await ask("require")).toContain("the server does not use TLS");
    writeFileSync(join(server.folder, "data", "server.crt"), cert);
    const keyFile = join(server.folder, "data", "server.key");
    writeFileSync(keyFile, key, { mode: 0o600 });
    const { uid, gid } = statSync(join(server.folder, "data"));
    chownSync(keyFile, uid, gid);
    await server.sql("ALTER SYSTEM SET ssl = on");
    await server.sql("SELECT pg_reload_conf()");
    await eventually("the server uses TLS", async () => {
      expect(await ask("require")).toBeUndefined();
    });
    expect(await ask("verify-ca", own.pair.cert)).toBeUndefined();
    expect(await ask("verify-ca", other.pair.cert)).toContain("not signed by a known authority");
    expect(await ask("verify-ca")).toContain("not signed by a known authority");
    expect(await ask("require", other.pair.cert)).toContain("not signed by a known authority");
    expect(await ask("verify-full", own.pair.cert)).toContain("another one than the host of the URL");
    expect(await ask("verify-ca", "not a certificate")).toContain("not signed by a known authority");
    await server.sql("ALTER SYSTEM SET ssl = off");
    await server.sql("SELECT pg_reload_conf()");
  });

  test("a server that is killed in the middle of a query fails it, and the next query finds the new server", async () => {
    const asking = source.ask("SELECT pg_sleep(60)");
    await eventually("the statement runs", async () => {
      expect(await running()).toBe("1");
    });
    await server.stop();
    const answer = await asking;
    expect(answer.status).toBe(502);
    expect(answer.error).not.toContain(String(server.port));
    const away = await source.ask("SELECT 1");
    expect(away).toMatchObject({
      status: 502,
      error: "the data source cannot be reached: connect: connection refused",
    });
    await server.startAgain();
    expect(await source.rows("SELECT 1")).toEqual([[1]]);
  });
});
