import type { Frame, JsonObject } from "@narthex/dashboards";
import { settle, testCases, testSeed } from "@narthex/runtime/testing";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { DataSource } from "../../data-source.ts";
import { runQueries } from "../../mixed/run-queries.ts";
import { openDataSource } from "../../registry.ts";
import { environmentAt, never, queryOf, settingsOf } from "../../testing/fake-server.ts";
import { SqliteEngine } from "./sql-engine.ts";

const environment = environmentAt(1_700_000_000_000);
const testData = openDataSource(settingsOf("testdata", ""), environment);
const sql = new SqliteEngine({ clock: environment.clock, slots: environment.desk.slots });
afterAll(() => sql.close());

/** A source that returns the given frames. */
const fixed = (frames: readonly Frame[]): DataSource => ({
  ...testData,
  query: (queries) => Promise.resolve(new Map(queries.map(({ refId }) => [refId, { frames, status: 200 }]))),
});

const number = (values: readonly number[], labels?: Record<string, string>, name = "Value") =>
  ({ name, type: "number", values: Float64Array.from(values), config: {}, ...(labels && { labels }) }) as const;
const time = (...values: readonly number[]) =>
  ({ name: "Time", type: "time", values: Float64Array.from(values), config: {} }) as const;
const text = (name: string, values: readonly (string | null)[]) =>
  ({ name, type: "string", values, config: {} }) as const;

const cpu: readonly Frame[] = [
  {
    length: 2,
    meta: { type: "timeseries-multi" },
    fields: [time(1000, 61_000), number([1, 3], { host: "a", Time: "x" })],
  },
  {
    length: 2,
    meta: { type: "timeseries-multi" },
    fields: [time(1000, 61_500), number([5, Number.NaN], { host: "b" })],
  },
];
const owners: readonly Frame[] = [
  {
    length: 3,
    fields: [text("host", ["a", "b", "c"]), text("owner", ["Ada", "Bob", null]), number([1, 2, 3], undefined, "id")],
  },
];

const sources: Readonly<Record<string, DataSource>> = {
  cpu: fixed(cpu),
  owners: fixed(owners),
  broken: { ...testData, query: () => Promise.reject(new Error("broken")) },
  tables: fixed([...owners, ...owners]),
};
const context = { user: "ada", sourceOf: (reference: string) => sources[reference], sql };

const from = (refId: string, source: string, more: JsonObject = {}) =>
  queryOf({ datasource: { uid: source }, ...more }, [0, 60], refId);
const expression = (refId: string, source: JsonObject) =>
  queryOf({ datasource: { uid: "__expr__" }, type: "sql", ...source }, [0, 60], refId);

const rows = (frames: readonly Frame[]) =>
  frames.map(({ fields, length }) =>
    Object.fromEntries(
      fields.map((field) => [
        `${field.name}:${field.type}`,
        Array.from({ length }, (_, row) => ("nulls" in field && field.nulls?.[row] === 1 ? null : field.values[row])),
      ]),
    ),
  );

async function ask(statement: string, more: JsonObject = {}, others = [from("A", "cpu"), from("B", "owners")]) {
  const query = expression("X", { expression: statement, ...more });
  return (await runQueries([...others, query], never(), context)).get("X")!;
}

async function table(statement: string) {
  const { error, frames } = await ask(statement);
  expect(error).toBeUndefined();
  return rows(frames);
}
const errorOf = async (statement: string, more: JsonObject = {}) => (await ask(statement, more)).error;

test("time series are a table with time, value, metric and a column for each label, sorted by time", async () => {
  expect(await table("SELECT * FROM A")).toEqual([
    {
      "time:time": [1000, 1000, 61_000, 61_500],
      "__value__:number": [1, 5, 3, null],
      "__metric_name__:string": ["Value", "Value", "Value", "Value"],
      "Time_2:string": ["x", null, "x", null],
      "host:string": ["a", "b", "a", "b"],
    },
  ]);
});

test("a statement joins the answers of several sources", async () => {
  expect(
    await table(
      "SELECT o.owner, SUM(a.__value__) / COUNT(*) AS mean, MAX(a.time) AS time FROM A a JOIN `B` AS o ON o.host = a.host GROUP BY 1 ORDER BY 1",
    ),
  ).toEqual([{ "owner:string": ["Ada", "Bob"], "mean:number": [2, 2.5], "time:time": [61_000, 61_500] }]);
});

test("tables are the answers of other expressions too, and expressions use the rows of a table", async () => {
  const answers = await runQueries(
    [
      from("A", "cpu", { hide: true }),
      expression("M", { type: "reduce", reducer: "sum", settings: { mode: "dropNN" }, expression: "A" }),
      expression("X", { expression: "SELECT host, __value__ * 10 AS v FROM m WHERE __metric_name__ = 'M'" }),
      expression("Y", { type: "math", expression: "$X + 1" }),
      expression("T", { expression: "SELECT time, host, __value__ AS v FROM a" }),
      expression("R", { type: "reduce", reducer: "last", expression: "T" }),
    ],
    never(),
    context,
  );
  expect(answers.has("A")).toBe(false);
  expect(rows(answers.get("X")!.frames)).toEqual([{ "host:string": ["a", "b"], "v:number": [40, 50] }]);
  const labelled = (refId: string) =>
    answers.get(refId)!.frames.map(({ fields }) => [fields.at(-1)!.labels, ...fields.at(-1)!.values]);
  expect(labelled("Y")).toEqual([
    [{ host: "a" }, 41],
    [{ host: "b" }, 51],
  ]);
  expect(labelled("R")).toEqual([
    [{ host: "a" }, 3],
    [{ host: "b" }, Number.NaN],
  ]);
});

test("the format alerting returns a number for each row, and refuses rows with the same texts", async () => {
  const { frames } = await ask("SELECT host, MAX(__value__) AS top FROM A GROUP BY host ORDER BY host", {
    format: "alerting",
  });
  expect(frames.map(({ meta, fields: [field] }) => [meta?.type, field!.name, field!.labels, ...field!.values])).toEqual(
    [
      ["numeric-multi", "top", { host: "a" }, 3],
      ["numeric-multi", "top", { host: "b" }, 5],
    ],
  );
  const alerting = { format: "alerting" };
  expect(await errorOf("SELECT host, __value__ FROM A", alerting)).toBe(
    'rows of the SQL expression have the same texts: {"host":"a"}, {"host":"b"}; group the rows by these columns',
  );
  expect(await errorOf("SELECT id, id + 1 FROM B", alerting)).toBe(
    'a SQL expression of the format "alerting" selects exactly one column of numbers, but the result has 2',
  );
  expect(await errorOf("SELECT host FROM B", alerting)).toContain("but the result has 0");
});

test("a mistake names the table, the columns and the remedy", async () => {
  const mistakes = [
    "SELECT * FROM nope",
    "SELECT hots FROM B",
    "SELECT SLEEP(1) FROM B",
    "SELECT load_extension('x')",
    "SELECT * FROM X",
    "DELETE FROM B",
    "",
    "SELECT 'a",
    "SELECT 1; DELETE FROM B",
    "SELECT $host FROM B",
    "SELECT a FROM B WHERE (1",
  ];
  const found = [];
  for (const one of mistakes) found.push(await errorOf(one));
  expect(found).toEqual([
    "there is no query nope; a table is the name of another query: A, B",
    "no such column: hots; table B has the columns host, owner, id",
    "the function SLEEP is not available in SQL expressions; docs/data-sources.md lists the functions",
    "the function LOAD_EXTENSION is not available in SQL expressions; docs/data-sources.md lists the functions",
    "expression X depends on itself",
    'the statement begins with "DELETE"; a SQL expression begins with SELECT or WITH',
    "the expression has no statement; write SELECT * FROM A",
    "the statement ends within the text that begins with 'a",
    "a SQL expression is one statement; remove the semicolon and what follows",
    'the statement contains "$"; a variable of the dashboard without a value may be the reason',
    "the statement is incomplete; close each parenthesis and CASE, and write FROM A",
  ]);
});

test("an input that failed or is no table is named", async () => {
  const failing = [from("A", "broken"), from("B", "tables")];
  expect((await ask("SELECT * FROM A", {}, failing)).error).toBe(
    "query A: An error within the server was encountered; its log says more",
  );
  expect((await ask("SELECT * FROM B", {}, failing)).error).toMatch(/^query B has 2 tables, or a table with labels/);
});

test("a statement cannot write, attach files, change settings or read the schema", async () => {
  const found = [];
  for (const one of [
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_table_info('B')",
    "WITH x AS (SELECT * FROM B) INSERT INTO B SELECT * FROM x",
    "WITH x AS (SELECT * FROM B) DELETE FROM B",
    "SELECT readfile('/etc/passwd')",
    "SELECT randomblob(1000000000)",
    "SELECT * FROM B, sqlite_schema",
  ])
    found.push(await errorOf(one));
  for (const error of found) expect(error).toMatch(/may only read|not available|there is no query/);
  expect(await table("SELECT COUNT(*) AS n FROM B")).toEqual([{ "n:number": [3] }]);
});

test("a statement that runs for ever ends after its time, and the next statement works", async () => {
  const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT SUM(i) FROM n";
  const answer = ask(endless);
  await settle();
  await environment.clock.advance(10_000);
  expect(await answer).toMatchObject({ status: 504, error: expect.stringContaining("took more than 10 s") });
  expect(await table("SELECT 1 AS one")).toEqual([{ "one:number": [1] }]);
});

test("tables with too many cells or columns are refused before the engine reads them", async () => {
  const many = {
    length: 600_000,
    fields: [time(), number([])].map((field) => ({ ...field, values: new Float64Array(600_000) })),
  };
  const wide = { length: 1, fields: Array.from({ length: 1001 }, (_, i) => number([i], undefined, `c${i}`)) };
  const big = { ...context, sourceOf: (name: string) => fixed([name === "many" ? many : wide] as readonly Frame[]) };
  const asked = async (source: string) =>
    (await runQueries([from("A", source), expression("X", { expression: "SELECT 1 FROM A" })], never(), big)).get("X")!;
  expect((await asked("many")).error).toMatch(/^query A has 1200000 cells; SQL expressions read at most 1000000/);
  expect((await asked("wide")).error).toMatch(/^query A has 1001 columns or labels/);
});

test("functions and syntax of MySQL work", async () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["1 / 2", 0.5],
    ["CONCAT('a', 1, \"b\")", "a1b"],
    ["IF(1 > 2, 'x', 'y')", "y"],
    ["LEFT('abcdef', 2)", "ab"],
    ["RIGHT('abcdef', 2)", "ef"],
    ["DATE_FORMAT('2026-01-05 06:07:08', '%Y/%m/%d %H:%i')", "2026/01/05 06:07"],
    ["UNIX_TIMESTAMP('2026-01-01 00:00:00')", 1_767_225_600],
    ["UNIX_TIMESTAMP(FROM_UNIXTIME(90.5))", 90.5],
    ["CONCAT(DATE_ADD('2026-01-31', INTERVAL 1 MONTH), '')", "2026-02-28"],
    [
      "CONCAT('at ', DATE_SUB(DATE_ADD('2026-01-31 00:00:00', INTERVAL 1 + 1 HOUR), INTERVAL 1 DAY))",
      "at 2026-01-30 02:00:00",
    ],
    ["CONCAT(STR_TO_DATE('05/Jan/2026', '%d/%b/%Y'))", "2026-01-05"],
    ["EXTRACT(HOUR FROM '2026-01-05 06:07:08')", 6],
    ["TIMESTAMPDIFF(MINUTE, '2026-01-01 00:00:00', '2026-01-01 01:30:30')", 90],
    ["CAST('12abc' AS SIGNED) + CAST(1.6 AS UNSIGNED)", 14],
    ["CAST(5 AS CHAR(3))", "5"],
    ["CONVERT('2026-01-05 10:00:00', DATE)", "2026-01-05"],
    ["'a' || 0", 0],
    ["TRUE && NOT FALSE", 1],
    ["NULL <=> NULL", 1],
    ["'abc' RLIKE 'b.$'", 1],
    ["'10%' LIKE '10\\\\%'", 1],
    ["SUBSTRING_INDEX('a.b.c', '.', -2)", "b.c"],
    ["POSITION('b' IN 'abc')", 2],
    ["MID('abcdef', 2, 3)", "bcd"],
    ["ROUND(STDDEV_POP(id), 3)", 0.816],
    ["GROUP_CONCAT(host ORDER BY host DESC SEPARATOR ';')", "c;b;a"],
    ["LOG(EXP(2))", 2],
    ["5 -- 3", 5],
    ["5 --3", 8],
    ["2 /* two */ # three", 2],
    ["GREATEST(1, 3, 2)", 3],
    ["YEAR(NOW())", 2023],
    [String.raw`'\''''`, "''"],
    [String.raw`"\""""`, '""'],
    [String.raw`'\\'`, "\\"],
    ["WEEK('2026-01-05', 3)", 2],
    ["DAYNAME('2026-01-05')", "Monday"],
    ["TRUNCATE(1.999, 1)", 1.9],
    ["'it''s \\'q\\''", "it's 'q'"],
  ];
  const wrong = [];
  for (const [formula, expected] of cases) {
    const { error, frames } = await ask(`SELECT ${formula}\nAS x FROM B`);
    const found = error ?? frames[0]!.fields[0]!.values[0];
    if (found !== expected) wrong.push([formula, found, expected]);
  }
  expect(wrong).toEqual([]);
});

test("slow statements of one user leave a process to other users", async () => {
  const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT SUM(i) FROM n";
  const controller = new AbortController();
  const slow = ["eve", "eve", "eve"].map((user) =>
    runQueries([expression("X", { expression: endless })], controller.signal, { ...context, user }).catch(
      () => "ended",
    ),
  );
  await settle();
  expect(await table("SELECT 1 AS one")).toEqual([{ "one:number": [1] }]);
  controller.abort(new Error("enough"));
  expect(await Promise.all(slow)).toEqual(["ended", "ended", "ended"]);
});

test("a request has a limited number of SQL expressions", async () => {
  const queries = Array.from({ length: 21 }, (_, at) => expression(`X${at}`, { expression: "SELECT 1" }));
  const answers = await runQueries(queries, never(), context);
  expect(answers.get("X19")!.status).toBe(200);
  expect(answers.get("X20")!.error).toContain("a request has at most 20 SQL expressions");
});

test("a table comes back from the engine as it was, and texts stay in their literals", async () => {
  const cell = fc.record({
    n: fc.option(fc.double({ noNaN: true })),
    s: fc.option(fc.string({ unit: "grapheme", maxLength: 20 })),
    b: fc.option(fc.boolean()),
    t: fc.option(fc.integer({ min: 0, max: 253_402_300_799_999 })),
  });
  const isPlain = (text: string | null): boolean =>
    text === null || (!text.includes("\0") && Buffer.from(text).toString() === text);
  const property = fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 30 }), async (given) => {
    const kept = given.filter(({ s }) => isPlain(s));
    fc.pre(kept.some(({ t }) => t !== null) && kept.some(({ s }) => s !== null));
    const nulls = (key: "n" | "t") => Uint8Array.from(kept, (one) => (one[key] === null ? 1 : 0));
    const frame: Frame = {
      length: kept.length,
      fields: [
        {
          ...number(
            kept.map(({ n }) => n ?? 0),
            undefined,
            "n",
          ),
          nulls: nulls("n"),
        },
        text(
          "s",
          kept.map(({ s }) => s),
        ),
        { name: "b", type: "boolean", values: kept.map(({ b }) => b), config: {} },
        { ...time(...kept.map(({ t }) => t ?? 0)), nulls: nulls("t") },
      ],
    };
    const sender = { ...context, sourceOf: () => fixed([frame]) };
    const literal = kept.find(({ s }) => s !== null)!.s!;
    const written = `"${literal.replaceAll("\\", "\\\\").replaceAll('"', '""')}"`;
    const statement = `SELECT n, s, b, Time, CONCAT('>', ${written}) AS l FROM A`;
    const answers = await runQueries([from("A", "x"), expression("X", { expression: statement })], never(), sender);
    const { error, frames } = answers.get("X")!;
    expect(error).toBeUndefined();
    const [n, s, b, t, l] = Object.values(rows(frames)[0]!);
    // SQLite has no negative zero.
    expect(n!.map((value) => (value as number | null) ?? null)).toEqual(
      kept.map((one) => (one.n === null ? null : one.n + 0)),
    );
    expect(s).toEqual(kept.map((one) => one.s));
    expect(b).toEqual(kept.map((one) => one.b));
    expect(t).toEqual(kept.map((one) => one.t));
    expect(l).toEqual(kept.map(() => `>${literal}`));
  });
  await fc.assert(property, { numRuns: testCases(60, 1000), seed: testSeed() });
});
