import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { JsonObject } from "@narthex/dashboards";
import { temporaryFolder } from "@narthex/runtime/testing";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { openDataSource } from "../registry.ts";
import { environmentAt, never, queryOf, settingsOf } from "../testing/fake-server.ts";

const dir = temporaryFolder();
const file = join(dir, "shop.db");
const RANGE = { from: 1_700_000_000_000, to: 1_700_000_600_000 };

const database = new DatabaseSync(file);
database.exec(`
  CREATE TABLE orders (ts INTEGER, shop TEXT, total REAL, note);
  INSERT INTO orders VALUES (1700000000, 'a', 1.5, NULL), (1700000000, 'b', 2, 'x'),
    (1700000010, 'a', 3, x'C3A4'), (1700000040, 'b', NULL, 7);
  CREATE TABLE big (id INTEGER, t TEXT); INSERT INTO big VALUES (9007199254740993, '2023-11-14T22:13:20Z'), (1, 'no');
  CREATE VIEW sums AS SELECT shop, sum(total) AS total FROM orders GROUP BY shop;
`);
database.close();

const environment = environmentAt(RANGE.to);
const opened = (jsonData: JsonObject, isProvisioned = true) =>
  openDataSource({ ...settingsOf("frser-sqlite-datasource", "", { jsonData }), isProvisioned }, environment);
const source = opened({ path: file });
afterAll(async () => {
  await source.close?.();
  rmSync(dir, { recursive: true });
});

async function ask(rawQueryText: string, more: JsonObject = {}, signal = never(), from = source) {
  const query = {
    ...queryOf({ rawQueryText, queryType: "table", timeColumns: ["time", "ts"], ...more }),
    range: RANGE,
  };
  return (await from.query([query], signal)).get("A");
}

/** Returns the names, types, labels and values of the frames of an answer. */
const columns = (answer: Awaited<ReturnType<typeof ask>>) =>
  answer!.frames.map(({ fields }) =>
    fields.map((field) => ({
      name: field.name,
      type: field.type,
      ...(field.labels !== undefined && { labels: field.labels }),
      values: Array.from(field.values, (value, row) => ("nulls" in field && field.nulls?.[row] === 1 ? null : value)),
    })),
  );

test("a table has the types of the definition, and times of the columns that the query names", async () => {
  const answer = await ask("SELECT * FROM orders ORDER BY ts, shop");
  expect(answer!.error).toBeUndefined();
  expect(columns(answer)).toEqual([
    [
      {
        name: "ts",
        type: "time",
        values: [1_700_000_000_000, 1_700_000_000_000, 1_700_000_010_000, 1_700_000_040_000],
      },
      { name: "shop", type: "string", values: ["a", "b", "a", "b"] },
      { name: "total", type: "number", values: [1.5, 2, 3, null] },
      { name: "note", type: "string", values: [null, "x", "ä", "7"] },
    ],
  ]);
  expect(answer!.frames[0]!.meta).toEqual({ executedQueryString: "SELECT * FROM orders ORDER BY ts, shop" });
});

test("whole numbers beyond 2^53 stay exact, and texts that are not times are null", async () => {
  expect(columns(await ask("SELECT id, t AS time FROM big"))).toEqual([
    [
      { name: "id", type: "string", values: ["9007199254740993", "1"] },
      { name: "time", type: "time", values: [1_700_000_000_000, null] },
    ],
  ]);
});

test("time series are one frame for each value and each set of texts", async () => {
  const answer = await ask("SELECT ts, shop, total FROM orders ORDER BY ts", { queryType: "time series" });
  const times = [1_700_000_000_000, 1_700_000_010_000, 1_700_000_040_000];
  expect(columns(answer)).toEqual([
    [
      { name: "ts", type: "time", values: times },
      { name: "total", type: "number", labels: { shop: "a" }, values: [1.5, 3, null] },
    ],
    [
      { name: "ts", type: "time", values: times },
      { name: "total", type: "number", labels: { shop: "b" }, values: [2, null, null] },
    ],
  ]);
});

test("NULL as third argument of the macro inserts rows for missing times", async () => {
  const sql = "SELECT $__unixEpochGroupSeconds(ts, 10, NULL) AS time, count(*) AS n FROM orders GROUP BY 1 ORDER BY 1";
  const answer = await ask(sql, { queryType: "time series" });
  expect(answer!.frames[0]!.meta!.executedQueryString).toContain("cast((ts / 10) as int) * 10 AS time");
  expect(columns(answer)[0]).toEqual([
    { name: "time", type: "time", values: [0, 10, 20, 30, 40].map((s) => RANGE.from + 1000 * s) },
    { name: "n", type: "number", values: [2, 1, null, null, 1] },
  ]);
});

test.each([
  ["SELECT $__unixEpochGroupSeconds(ts) FROM orders", "unsupported number of arguments (1) for unixEpochGroupSeconds"],
  ["SELECT $__unixEpochGroupSeconds(ts, x) FROM orders", "could not convert 'x' to an integer grouping interval"],
  ["SELECT $__unixEpochGroupSeconds(ts, 1, 0) FROM orders", "unsupported gap filling value of: `0`"],
  ["SELECT $__unixEpochGroupSeconds(ts, 1, NULL) AS n FROM orders", "no time column found to use for gap filling"],
  ["SELECT $__unixEpochGroupSeconds(ts, 9, NULL) AS ts FROM orders ORDER BY 1 DESC", "received unordered time value"],
  ["SELECT x FROM orders", "no such column: x"],
  ["SELEKT 1", 'the statement begins with "SELEKT"'],
  ["ATTACH 'other.db' AS o", 'the statement begins with "ATTACH"'],
  ["PRAGMA query_only = 0", 'the statement begins with "PRAGMA"'],
  ["WITH a AS (SELECT 1) INSERT INTO orders SELECT 1, 'x', 1, 1", "attempt to write a readonly database"],
  ["SELECT load_extension('/tmp/x')", "not authorized"],
  ["SELECT hex(zeroblob(20000000))", "string or blob too big"],
])("%s is refused", async (sql, reason) => {
  expect(await ask(sql)).toMatchObject({ status: 400, error: expect.stringContaining(reason) });
  // The next statement is answered.
  expect(columns(await ask("SELECT 1 AS n"))).toEqual([[{ name: "n", type: "number", values: [1] }]]);
});

test("the range of the panel replaces $__from and $__to", async () => {
  const answer = await ask("SELECT count(*) AS n FROM orders WHERE ts >= $__from / 1000 AND ts < $__to / 1000");
  expect(columns(answer)).toEqual([[{ name: "n", type: "number", values: [4] }]]);
});

test("a statement without an end is stopped with its process, and others are answered meanwhile", async () => {
  const abort = new AbortController();
  const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) AS n FROM c";
  const waiting = ask(endless, {}, abort.signal);
  expect(columns(await ask("SELECT 2 AS n"))).toEqual([[{ name: "n", type: "number", values: [2] }]]);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  expect(columns(await ask("SELECT 3 AS n"))).toEqual([[{ name: "n", type: "number", values: [3] }]]);
});

test("a statement that needs too much memory ends its process, and the next one is answered", async () => {
  const endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) ";
  const answer = await ask(`${endless}SELECT x, hex(zeroblob(5000)) AS h FROM c ORDER BY h, -x`);
  expect(answer).toMatchObject({ status: 502, error: expect.stringContaining("more than 512 MiB of memory") });
  expect(columns(await ask("SELECT 4 AS n"))).toEqual([[{ name: "n", type: "number", values: [4] }]]);
});

test("rows beyond a million are not read", async () => {
  const many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 10000000) SELECT x AS n FROM c";
  const { frames } = (await ask(many))!;
  expect(frames[0]!.length).toBe(1_000_000);
  expect(frames[0]!.meta!.notices![0]!.text).toContain("limited to 1000000");
});

test("texts in the quotes of ${name:sqlstring} never leave their literal", async () => {
  const texts = fc
    .sample(fc.string({ unit: "binary", maxLength: 20 }), { seed: 7, numRuns: 2000 })
    .filter((text) => !text.includes("\0") && text.isWellFormed() && !text.includes("$__"));
  const quoted = texts.map((text) => `'${text.replaceAll("'", "''")}'`);
  const answer = await ask(`SELECT column1 AS v FROM (VALUES ${quoted.map((one) => `(${one})`).join(", ")})`);
  expect(answer!.error).toBeUndefined();
  expect(columns(answer)).toEqual([[{ name: "v", type: "string", values: texts }]]);
});

test("variables, annotations, tables and columns are read", async () => {
  const options = await source.variableValues!("SELECT DISTINCT shop FROM orders ORDER BY 1", RANGE, never());
  expect(options).toEqual(["a", "b"].map((text) => ({ text, value: text })));
  const rawQueryText = "SELECT ts AS time, shop AS text FROM orders WHERE total = 3";
  const target = { rawQueryText, timeColumns: ["time"] };
  expect(await source.annotations!({ target }, RANGE, never())).toEqual([
    { time: 1_700_000_010_000, title: "", text: "a", tags: [] },
  ]);
  expect(await source.resource!("tables", {}, never())).toEqual({ tables: ["big", "orders", "sums"] });
  expect(await source.resource!("columns", { table: "big" }, never())).toEqual({
    columns: [
      { name: "id", type: "INTEGER" },
      { name: "t", type: "TEXT" },
    ],
  });
});

test("annotations that name no time columns have times in seconds, or texts, under time and timeend", async () => {
  const rawQuery = "SELECT ts AS time, '2023-11-14T22:14:00Z' AS timeend, shop AS text FROM orders WHERE total = 3";
  expect(await source.annotations!({ rawQuery }, RANGE, never())).toEqual([
    { time: 1_700_000_010_000, timeEnd: 1_700_000_040_000, title: "", text: "a", tags: [] },
  ]);
});

test("a health check opens the file", async () => {
  expect(await source.health(never())).toEqual({ status: "OK", message: "Data source is working" });
  const text = join(dir, "text.db");
  execFileSync("sh", ["-c", `echo "this is not a database, but a text of more than sixteen bytes" > ${text}`]);
  for (const [path, message] of [
    [join(dir, "none.db"), "no file exists at the file path"],
    [dir, "the provided path is a directory or a device instead of a file"],
    ["/dev/zero", "the provided path is a directory or a device instead of a file"],
    [text, "file is not a database"],
  ] as const) {
    const other = opened({ path });
    expect(await other.health(never())).toEqual({ status: "ERROR", message: expect.stringContaining(message) });
    await other.close?.();
  }
});

test.each([
  [{ path: file }, false, "define such a source in a provisioning file"],
  [{ path: "shop.db" }, true, "does not begin with /"],
  [{ path: "/var/lib/grafana/grafana.db" }, true, "contains secrets"],
  [{}, true, "has no path"],
])("settings %j of a source are refused", async (jsonData, isProvisioned, reason) => {
  const refused = opened(jsonData, isProvisioned);
  expect(await ask("SELECT 1", {}, never(), refused)).toMatchObject({ error: expect.stringContaining(reason) });
});

test("a file in a folder that cannot be written is read with immutable=1", async () => {
  const folder = join(dir, "read-only # folder");
  mkdirSync(folder);
  const path = join(folder, "a?b.db");
  const wal = new DatabaseSync(path);
  wal.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (5)");
  wal.close();
  const other = opened({ path, pathOptions: "immutable=1" });
  expect(columns(await ask("SELECT n FROM t", {}, never(), other))).toEqual([
    [{ name: "n", type: "number", values: [5] }],
  ]);
  await other.close?.();
});

test("the insertion of rows ends, also between times so large that adding an interval does not change them", async () => {
  const sql = `WITH t (time) AS (VALUES (1e16), (1e16 + 4))
    SELECT time, 1 AS v FROM t -- $__unixEpochGroupSeconds(time, 1, NULL)`;
  const answer = await ask(sql);
  expect(answer!.error).toBeUndefined();
  expect(answer!.frames[0]!.length).toBe(6);
});

test("a query cannot change the settings of later queries by a PRAGMA within EXPLAIN", async () => {
  for (const begin of ["EXPLAIN", "explain /* x */ query -- y\n plan", "EXPLAIN EXPLAIN"]) {
    const answer = await ask(`${begin} PRAGMA reverse_unordered_selects = 1`);
    expect(answer!.error, begin).toContain("explains only SELECT, WITH, VALUES");
  }
  const plan = await ask("EXPLAIN /* of */ QUERY PLAN SELECT * FROM orders");
  expect(plan!.error).toBeUndefined();
});

test("rows of empty texts arrive in batches of a limited number of cells", async () => {
  const child = fork(fileURLToPath(new URL("./sqlite-process.ts", import.meta.url)), [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const asked = async (request: object) => {
    child.send(request);
    return (await once(child, "message"))[0] as { readonly rows?: readonly unknown[] };
  };
  try {
    await asked({ kind: "open", file });
    const texts = Array.from({ length: 1000 }, () => "''").join(", ");
    const sql = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT ${texts} FROM n`;
    await asked({ kind: "run", sql, values: [] });
    const { rows } = await asked({ kind: "next" });
    expect(rows!.length).toBeLessThanOrEqual(33);
  } finally {
    child.kill("SIGKILL");
  }
});
