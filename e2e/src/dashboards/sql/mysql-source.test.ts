import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mysqlLiteral } from "@narthex/dashboards";
import type { DataSourceSettings } from "@narthex/datasources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { MariadbServer } from "../../support/mariadb-server.ts";
import { lacks } from "../../support/requirements.ts";
import { AskedSource, rowsOf, typesOf } from "../sources/asked-source.ts";
import { hostileTexts } from "../sources/hostile-texts.ts";

const TIMEOUT_MS = 120_000;

describe.skipIf(lacks("mariadb"))("data source MySQL", { timeout: TIMEOUT_MS }, () => {
  let folder: string;
  let authority: Authority;
  let server: MariadbServer;
  let source: AskedSource;

  const settings = (more: Partial<DataSourceSettings> = {}): ConstructorParameters<typeof AskedSource>[0] => ({
    type: "mysql",
    url: `127.0.0.1:${server.port}`,
    user: "root",
    jsonData: { database: "shop" },
    ...more,
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "narthex-maria-tls-"));
    // Lets other system users read the folder, because the server runs as another user and its certificate is in the
    // folder.
    chmodSync(folder, 0o755);
    authority = new Authority(folder, "own");
    const { cert, key } = authority.issue({ name: "db", alternatives: "IP:127.0.0.1" });
    const files = { "ssl-ca": authority.pair.cert, "ssl-cert": cert, "ssl-key": key };
    const options = Object.entries(files).map(([name, text]) => {
      const path = join(folder, `${name}.pem`);
      writeFileSync(path, text, { mode: 0o644 });
      return `--${name}=${path}`;
    });
    server = await MariadbServer.start([...options, "--default-time-zone=+00:00"]);
    await server.sql(
      "CREATE DATABASE shop; USE shop; CREATE TABLE orders (at datetime, host varchar(10), v double, n bigint); " +
        "INSERT INTO orders SELECT '2024-03-31 00:30:00' + INTERVAL seq * 10 MINUTE, IF(seq % 2 = 0, 'a', 'b'), seq, seq " +
        "FROM seq_0_to_6; CREATE USER reader@localhost IDENTIFIED BY 'secret'; CREATE USER reader@'127.0.0.1' " +
        "IDENTIFIED BY 'secret'; GRANT SELECT ON shop.* TO reader@localhost; GRANT SELECT ON shop.* TO reader@'127.0.0.1'",
    );
    source = new AskedSource(settings());
  }, TIMEOUT_MS);

  afterAll(async () => {
    await source?.source.close();
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }, TIMEOUT_MS);

  test.each([
    ["CAST(1 AS SIGNED)", "number", 1],
    ["CAST(9007199254740993 AS SIGNED)", "string", "9007199254740993"],
    ["CAST(1.25 AS DECIMAL(5,2))", "number", 1.25],
    ["1e300", "number", 1e300],
    ["TRUE", "number", 1],
    ["'é'", "string", "é"],
    ["_latin1 X'E9'", "string", "é"],
    ["X'4142'", "string", "AB"],
    ["CAST('2024-03-31' AS DATE)", "time", Date.UTC(2024, 2, 31)],
    ["CAST('2024-03-31 02:30:00.25' AS DATETIME(2))", "time", Date.UTC(2024, 2, 31, 2, 30, 0, 250)],
    ["FROM_UNIXTIME(1711845000)", "time", 1_711_845_000_000],
    ["CAST('10:00' AS TIME)", "string", "10:00:00"],
    ["JSON_OBJECT('a', 1)", "string", '{"a": 1}'],
  ])("%s has the type %s", async (expression, type, value) => {
    const frame = await source.frame(`SELECT ${expression} AS v UNION ALL SELECT NULL`);
    expect(typesOf(frame)).toEqual([type]);
    expect(rowsOf(frame)).toEqual([[value], [null]]);
  });

  test("all types of columns are read", async () => {
    await server.sql(
      "CREATE TABLE types (a tinyint, b smallint, c mediumint, d int, e float, f year, g timestamp NULL, h date, " +
        "i enum('x'), j set('p','q'), k text, l blob, m bit(8)); INSERT INTO types VALUES (1, 2, 3, 4, 1.5, 2024, " +
        "'2024-03-31 01:00:00', '0000-00-00', 'x', 'p,q', 'é', 'é', b'1000001'), (NULL, NULL, NULL, NULL, NULL, NULL, " +
        "NULL, NULL, NULL, NULL, NULL, NULL, NULL)".replaceAll("'0000-00-00'", "NULL"),
      "shop",
    );
    const frame = await source.frame("SELECT * FROM types");
    expect(rowsOf(frame)).toEqual([
      [1, 2, 3, 4, 1.5, 2024, Date.UTC(2024, 2, 31, 1), null, "x", "p,q", "é", "é", "A"],
      Array.from({ length: 13 }, () => null),
    ]);
    await server.sql("DROP TABLE types", "shop");
  });

  test("all macros give valid SQL, and select the range of the query", async () => {
    for (const [sql, count] of [
      ["SELECT $__time(at) FROM orders WHERE $__timeFilter(at)", 7],
      ["SELECT $__timeEpoch(at) FROM orders", 7],
      ["SELECT at FROM orders WHERE at > $__timeFrom() AND at < $__timeTo()", 5],
      ["SELECT $__timeGroup(at,'1h') AS time, count(*) FROM orders GROUP BY 1 ORDER BY 1", 2],
      ["SELECT $__timeGroupAlias(at,20m), count(*) FROM orders GROUP BY 1 ORDER BY 1", 4],
      ["SELECT n FROM orders WHERE $__unixEpochFilter(1711845000)", 7],
      ["SELECT 1 FROM DUAL WHERE $__unixEpochFrom() = 1711845000 AND $__unixEpochTo() = 1711848600", 1],
      ["SELECT 1 FROM DUAL WHERE $__unixEpochNanoFilter(1711845000000000000)", 1],
      ["SELECT 1 FROM DUAL WHERE $__unixEpochNanoTo() - $__unixEpochNanoFrom() = 3600000000000", 1],
      ["SELECT $__unixEpochGroup(n,5m) AS g FROM orders GROUP BY g", 1],
      ["SELECT $__unixEpochGroupAlias(n,5m) FROM orders", 7],
      ["SELECT '$__interval', $__interval_ms", 1],
    ] as const)
      expect(await source.rows(sql), sql).toHaveLength(count);
  });

  test("rows of several hosts become series, and missing times are filled, whatever the session's time zone", async () => {
    const sql =
      "SELECT $__timeGroupAlias(at,'30m',NULL), host AS metric, sum(v) AS v FROM orders GROUP BY 1, 2 ORDER BY 1, 2";
    const { fields } = await source.frame(sql, "time_series");
    expect(fields.map(({ name }) => name)).toEqual(["Time", "a", "b"]);
    expect(fields[1]!.values).toEqual(Float64Array.of(2, 4, 6));
    await using shifted = new AskedSource(settings({ jsonData: { database: "shop", timezone: "+02:00" } }));
    expect(await shifted.rows("SELECT @@time_zone")).toEqual([["+02:00"]]);
  });

  test.each([
    ["-- nothing", undefined],
    ["SELECT 1;", undefined],
    ["(SELECT 1)", undefined],
    ["SHOW TABLES", undefined],
    ["DESCRIBE orders", undefined],
    ["EXPLAIN SELECT 1", undefined],
    ["WITH x AS (SELECT 1) SELECT * FROM x", undefined],
    ["SELECT 1 FROM DUAL WHERE FALSE", undefined],
    ["SELECT 1 AS `a``b`, 2 AS `a``b`, 3 AS `__proto__`", undefined],
    ["SELECT 1; SELECT 2", "Error 1064"],
    ["SELECT 1; DROP TABLE orders", "Error 1064"],
    ["SELECT * FROM nothing", "Error 1146 (42S02): Table 'shop.nothing' doesn't exist"],
    ["SELECT nothing FROM orders", "Error 1054"],
    ["SELECT 1 FROM mysql.user WHERE 1 = (SELECT 1 UNION SELECT 2)", "query failed - the server reports ER_SUBQUERY"],
    ["SELECT $__nothing(1)", 'unknown macro "__nothing"'],
    ["SELECT user()", "invalid query"],
    ["SHOW GRANTS", "invalid query"],
    ["DROP TABLE orders", 'begins with "DROP"'],
    ["LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE orders", 'begins with "LOAD"'],
    ["SET SESSION TRANSACTION READ WRITE", 'begins with "SET"'],
    ["COMMIT", 'begins with "COMMIT"'],
    ["BEGIN NOT ATOMIC COMMIT; DELETE FROM orders; END", 'begins with "BEGIN"'],
    ["EXECUTE IMMEDIATE 'DELETE FROM orders'", 'begins with "EXECUTE"'],
    ["/*! DELETE FROM orders */", 'begins with "/"'],
    ["/*M! DELETE FROM orders */", 'begins with "/"'],
    ["SELECT 1 /*! ; DELETE FROM orders */", "Error 1064"],
    ["ANALYZE DELETE FROM orders", 'begins with "ANALYZE"'],
    ["SELECT * FROM orders FOR UPDATE", "READ_ONLY_TRANSACTION"],
  ])("the query %j is answered", async (sql, problem) => {
    const answer = await source.ask(sql);
    if (problem === undefined) expect(answer.error).toBeUndefined();
    else expect(answer.error).toContain(problem);
    expect(await server.sql("SELECT count(*) FROM orders", "shop")).toBe("7");
  });

  test("of 10 million rows the first million is read, and the server stops", async () => {
    const { length, meta } = await source.frame("SELECT seq FROM seq_1_to_10000000");
    expect(length).toBe(1_000_000);
    expect(meta?.notices?.[0]?.text).toContain("Results have been limited to 1000000");
    await expectNoStatement();
    expect(await source.rows("SELECT 1")).toEqual([[1]]);
  });

  test("a result with too many bytes fails, although it has few rows", async () => {
    const answer = await source.ask("SELECT REPEAT('x', 10000000) FROM seq_1_to_20");
    expect(answer).toMatchObject({ status: 422, error: expect.stringContaining("more than 64 MiB") });
    await expectNoStatement();
  });

  test("a statement is cancelled on the server when its client is gone, or at the time limit", async () => {
    const gone = new AbortController();
    const asking = source.ask("SELECT BENCHMARK(10000000000, SHA2('x', 512))", "table", gone.signal);
    await eventually("the statement runs", async () => {
      expect(await running()).not.toBe("0");
    });
    gone.abort(new Error("gone"));
    await expect(asking).rejects.toThrow("gone");
    await expectNoStatement();
    await using slow = new AskedSource(settings({ jsonData: { database: "shop", timeout: 1 } }));
    const answer = await slow.ask("SELECT count(*) FROM seq_1_to_10000000 a, seq_1_to_10000000 b");
    expect(answer.error).toMatch(/did not answer completely within 1 s|the statement at the time limit/);
    await expectNoStatement();
  });

  const running = (): Promise<string> =>
    server.sql("SELECT count(*) FROM information_schema.processlist WHERE db = 'shop' AND command = 'Query'");

  const expectNoStatement = (): Promise<void> =>
    eventually("the server runs no statement", async () => {
      expect(await running()).toBe("0");
    });

  test("10,000 values of variables never leave their literal", async () => {
    const texts = hostileTexts(10_000);
    for (let at = 0; at < texts.length; at += 500) {
      const part = texts.slice(at, at + 500);
      // oxlint-disable-next-line no-await-in-loop -- one statement after the other
      const rows = await source.rows(part.map((text, i) => `SELECT ${i}, ${mysqlLiteral(text)}`).join(" UNION ALL "));
      expect(rows).toEqual(part.map((text, i) => [i, text]));
    }
  });

  test("tables and columns are listed, and a hostile name of a table is a value", async () => {
    const list = (path: string, body = {}) => source.source.resource!(path, body, new AbortController().signal);
    expect(await list("tables")).toEqual({ tables: ["orders"] });
    expect(await list("columns", { table: "orders" })).toMatchObject({
      columns: [{ name: "at", type: "datetime" }, { name: "host", type: "varchar" }, {}, {}],
    });
    expect(await list("columns", { table: String.raw`x\' OR '1'='1` })).toEqual({ columns: [] });
  });

  test("the health warns of a user who may write, and hides why a login failed", async () => {
    const health = (one: AskedSource) => one.source.health(new AbortController().signal);
    expect((await health(source)).message).toContain("its user may write");
    await using reader = new AskedSource(settings({ user: "reader", secureJsonData: { password: "secret" } }));
    expect(await health(reader)).toEqual({ status: "OK", message: "Database Connection OK" });
    await using wrong = new AskedSource(settings({ user: "reader", secureJsonData: { password: "wrong" } }));
    expect(await health(wrong)).toEqual({
      status: "ERROR",
      message: "the data source refuses the connection: the user or the password is wrong",
    });
  });

  test("TLS checks the authority and the name of the server, unless it is told not to", async () => {
    const other = new Authority(folder, "other");
    const ask = async (ca: string, more: object = {}) => {
      const jsonData = { database: "shop", tlsAuthWithCACert: true, ...more };
      await using asked = new AskedSource(settings({ jsonData, secureJsonData: { tlsCACert: ca } }));
      const { error, frames } = await asked.ask("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
      return error ?? String(rowsOf(frames[0]!)[0]?.[1]);
    };
    expect(await ask(authority.pair.cert)).toMatch(/^TLS_|^ECDHE/);
    expect(await ask(other.pair.cert)).toContain("not signed by a known authority");
    expect(await ask(authority.pair.cert, { serverName: "db.other" })).toContain(
      "another one than the host of the URL",
    );
    expect(await ask(other.pair.cert, { tlsSkipVerify: true })).toMatch(/^TLS_|^ECDHE/);
    expect(await ask("not a certificate")).toContain("not signed by a known authority");
  });

  test("a server that is killed in the middle of a query fails it, and the next query finds the new server", async () => {
    const asking = source.ask("SELECT BENCHMARK(10000000000, SHA2('x', 512))");
    await eventually("the statement runs", async () => {
      expect(await running()).not.toBe("0");
    });
    await server.stop();
    expect((await asking).status).toBe(502);
    const away = await source.ask("SELECT 1");
    expect(away).toMatchObject({
      status: 502,
      error: "the data source cannot be reached: connect: connection refused",
    });
    await server.startAgain();
    expect(await source.rows("SELECT 1")).toEqual([[1]]);
  });
});
