import { filledQuery, type Frame, type Lookup, valueAt, loadQueryExtras } from "@narthex/dashboards";
import { type DataSourceSettings, dataSourceKind, type QueryAnswer } from "@narthex/datasources";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InfluxdbServer } from "../../support/influxdb-server.ts";
import { lacks } from "../../support/requirements.ts";
import { AskedSource } from "./asked-source.ts";
import { hostileTexts } from "./hostile-texts.ts";

const TIMEOUT_MS = 60_000;
/** The day on which Europe changes to summer time, in Berlin. The day has 23 hours. */
const DAY = Date.UTC(2024, 2, 30, 23);
const HOUR = 3_600_000;
const RANGE = { from: DAY, to: DAY + 23 * HOUR - 1 };
const never = (): AbortSignal => new AbortController().signal;

type Target = Readonly<Record<string, unknown>>;
const raw = (query: string, more: Target = {}): Target => ({ rawQuery: true, query, ...more });

const valuesOf = ({ fields, length }: Frame): unknown[][] =>
  fields.map((field) => Array.from({ length }, (_, row) => valueAt(field, row)));

await loadQueryExtras();

describe.skipIf(lacks("influxdb"))("data source InfluxDB", { timeout: TIMEOUT_MS }, () => {
  let server: InfluxdbServer;
  let asked: AskedSource;

  const open = (more: Partial<DataSourceSettings> = {}): AskedSource =>
    new AskedSource({ type: "influxdb", url: server.url, ...more, jsonData: { dbName: "t", ...more.jsonData } });

  const ask = async (target: Target, { source } = asked, signal = never()): Promise<QueryAnswer> => {
    const query = { refId: "A", range: RANGE, intervalMs: HOUR, maxDataPoints: 100, source: target };
    return (await source.query([query], signal)).get("A")!;
  };

  const frames = async (target: Target): Promise<readonly Frame[]> => {
    const { frames: found, error } = await ask(target);
    if (error !== undefined) throw new Error(`${JSON.stringify(target)}: ${error}`);
    return found;
  };

  beforeAll(async () => {
    server = await InfluxdbServer.start();
    await server.execute("CREATE DATABASE t");
    const hours = Array.from({ length: 23 }, (_, hour) => hour);
    await server.write("t", [
      ...hours.flatMap((hour) =>
        ["a", "b"].map((host) => `cpu,host=${host},dc=x usage=${hour},n=${hour}i ${DAY + hour * HOUR}`),
      ),
      String.raw`types,kind=k f=1.5,i=9007199254740993i,b=true,s="it's \"é\" \\" ${DAY}`,
      `types,kind=k f=-2 ${DAY + 1}`,
      `we\\ ird.name,a\\ b=c\\,d v=1 ${DAY}`,
      `events,kind=deploy title="Deploy",text="v2",tags="a, b",end=${DAY + HOUR}i ${DAY}`,
    ]);
    asked = open();
  }, TIMEOUT_MS);

  afterAll(async () => {
    await asked?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  }, TIMEOUT_MS);

  test("each type is read, and may be null", async () => {
    const found = await frames(raw("SELECT * FROM types WHERE $timeFilter"));
    expect(found.map((frame) => [frame.name, frame.fields[1]!.type, valuesOf(frame)[1]])).toEqual([
      ["types.b", "boolean", [true, null]],
      ["types.f", "number", [1.5, -2]],
      // As in Grafana, integers beyond 2^53 are rounded.
      ["types.i", "number", [9_007_199_254_740_992, null]],
      ["types.kind", "string", ["k", "k"]],
      ["types.s", "string", [String.raw`it's "é" \ `.trim(), null]],
    ]);
    const [table] = await frames(raw("SELECT * FROM types WHERE $timeFilter", { resultFormat: "table" }));
    expect(table!.fields.map(({ name }) => name)).toEqual(["Time", "b", "f", "i", "kind", "s"]);
    expect(table!.length).toBe(2);
  });

  test("a target of the query builder is answered as its text", async () => {
    const target = {
      measurement: "cpu",
      select: [
        [
          { type: "field", params: ["usage"] },
          { type: "max", params: [] },
          { type: "math", params: ["* 2"] },
        ],
      ],
      tags: [
        { key: "host", operator: "=~", value: "/^(a|b)$/" },
        { key: "dc", operator: "=", value: "x", condition: "AND" },
      ],
      groupBy: [
        { type: "time", params: ["$__interval"] },
        { type: "tag", params: ["host"] },
        { type: "fill", params: ["none"] },
      ],
      orderByTime: "DESC",
      limit: "2",
      tz: "Europe/Berlin",
      alias: "$tag_host $m $col",
    };
    const found = await frames(target);
    expect(found.map(({ name }) => name)).toEqual(["b cpu max", "a cpu max"]);
    expect(valuesOf(found[0]!)).toEqual([
      [DAY + 22 * HOUR, DAY + 21 * HOUR],
      [44, 42],
    ]);
  });

  test("days of a time zone begin at its midnight, also when the clock changes", async () => {
    const [frame] = await frames(
      raw(
        `SELECT count(n) FROM cpu WHERE time >= ${DAY}ms and time < ${DAY + 47 * HOUR}ms GROUP BY time(1d) fill(0) tz('Europe/Berlin')`,
      ),
    );
    expect(valuesOf(frame!)).toEqual([
      [DAY, DAY + 23 * HOUR],
      [46, 0],
    ]);
  });

  test.each<[string, number]>([
    ["SELECT usage FROM cpu", 1],
    ["SELECT usage, n FROM cpu", 2],
    ["SELECT mean(usage) FROM cpu WHERE $timeFilter GROUP BY time($interval), host fill(null)", 2],
    ["SELECT mean(usage) FROM cpu WHERE $timeFilter GROUP BY time($__interval_ms ms), * fill(linear)", -1],
    ["SELECT mean(usage) FROM cpu WHERE $timeFilter GROUP BY time(1h), * fill(linear)", 2],
    ["SELECT derivative(mean(usage), 1h) FROM cpu WHERE $timeFilter GROUP BY time(1h)", 1],
    ["SELECT percentile(usage, 95), stddev(usage) FROM cpu", 2],
    ["SELECT top(usage, 3) FROM cpu", 1],
    ["SELECT usage / n FROM cpu WHERE host = 'a'", 1],
    ["SELECT usage % 2 FROM cpu WHERE host =~ /a|b/ LIMIT 1", 1],
    ["SELECT /usage|n/ FROM /^cpu$/", 2],
    ["SELECT max(m) FROM (SELECT mean(usage) AS m FROM cpu WHERE $timeFilter GROUP BY time(2h), host)", 1],
    ['SELECT v FROM "we ird.name" WHERE "a b" = \'c,d\'', 1],
    ["SELECT count(*) FROM cpu; SELECT last(usage) FROM cpu", 3],
    ["SELECT usage FROM nothing", 0],
    ["SELECT nothing FROM cpu", 0],
    ["SELECT usage FROM cpu WHERE time > now()", 0],
    ["SELECT * FROM cpu WHERE host = 'a' -- it's a comment\nLIMIT 1", 4],
    ["SELECT usage FROM cpu SLIMIT 1 SOFFSET 1", 0],
    ["SHOW MEASUREMENTS", 1],
    ["SHOW TAG KEYS", 4],
    ["SHOW TAG VALUES WITH KEY IN (host, dc)", 1],
    ["SHOW FIELD KEYS FROM cpu", 1],
    ["SHOW RETENTION POLICIES ON t", 1],
    ["SHOW SERIES WHERE host = 'a'", 1],
    ["SHOW DATABASES", 1],
    ["SHOW SERIES CARDINALITY", 1],
    ["EXPLAIN SELECT usage FROM cpu", 1],
    ["SELECT usage FROM", -1],
    ["SELECT usage FROM cpu WHERE host = 'a", -1],
    ["SELECT usage FROM cpu WHERE host =~ /(/", -1],
    ["SELECT nothing(usage) FROM cpu", -1],
    ["SELECT usage FROM cpu tz('Mars/Base')", -1],
    ["", 0],
    ["   ", 0],
    ["-- nothing", -1],
    [";", -1],
    ["DROP MEASUREMENT cpu", -1],
    ["SELECT usage INTO copy FROM cpu", -1],
    ["SELECT usage FROM cpu; DROP MEASUREMENT cpu", -1],
    ["SELECT usage FROM cpu WHERE host =~ /x\\\\/ AND dc =~ /; DROP MEASUREMENT cpu --/", -1],
    ["CREATE DATABASE x", -1],
    ["DELETE FROM cpu", -1],
    ["GRANT ALL TO x", -1],
    ["KILL QUERY 1", -1],
    ["\u0000", -1],
    ["SELECT usage FROM cpu WHERE host = '\u0000'", -1],
    ["SELECT 'é漢😀' FROM cpu", -1],
  ])("the query %j returns %i frames, or an error for -1", async (query, count) => {
    const { frames: found, error, status } = await ask(raw(query));
    if (count < 0) {
      expect(error).toMatch(/\w{3}/);
      expect(status).toBe(400);
    } else expect([found.length, error]).toEqual([count, undefined]);
  });

  test("after all these queries the points are still stored", async () => {
    const [frame] = await frames(raw("SELECT count(usage) FROM cpu"));
    expect(valuesOf(frame!)[1]).toEqual([46]);
  });

  test("10,000 values of variables never leave their literal", async () => {
    // Values of a statement. Each part of the values has its own measurement, because the server compares all points.
    const PART = 500;
    // InfluxQL has no literal for a carriage return, except in a regular expression.
    const texts = [...new Set(hostileTexts(10_000))].filter((text) => text !== "" && !text.includes("\r"));
    const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
    await server.write(
      "t",
      texts.map((text, at) => `hostile${Math.floor(at / PART)} v=${quoted(text)},at=${at}i ${DAY + at}`),
    );
    const { language } = dataSourceKind("influxdb")!;
    const templates = [
      "SELECT at FROM $table WHERE v = '$one'",
      "SELECT at FROM $table WHERE v =~ /^$one$/",
      "SELECT at FROM $table WHERE v =~ /^$many$/ AND v = '$one'",
      "SELECT at FROM $table WHERE v =~ /^${one:regex}$/",
    ];
    for (const template of templates)
      for (let from = 0; from < texts.length; from += PART) {
        const part = texts.slice(from, from + PART);
        const query = template.replace("$table", `hostile${from / PART}`);
        const statements = part.map((text) => {
          const lookup: Lookup = (name) => ({
            name,
            values: [text],
            texts: [text],
            isMulti: name === "many",
            isVerbatim: false,
          });
          return String(filledQuery({ query }, { language }, lookup)["query"]);
        });
        const found = await frames(raw(statements.join(";\n"), { resultFormat: "time_series" }));
        expect(found.map((frame) => valuesOf(frame)[1])).toEqual(part.map((_, at) => [from + at]));
      }
  });

  test("variables, annotations, completion and the test of the source", async () => {
    const { source } = asked;
    const values = async (query: string): Promise<unknown> =>
      (await source.variableValues!(query, RANGE, never())).map(({ value }) => value);
    expect(await values("SHOW TAG VALUES FROM cpu WITH KEY = host WHERE dc =~ /^(x)$/")).toEqual(["a", "b"]);
    expect(await values("SHOW TAG KEYS")).toEqual(["dc", "host", "kind", "a b"]);
    expect(await values("SELECT title FROM events WHERE $timeFilter")).toEqual(["Deploy"]);
    const columns = { textColumn: "text", titleColumn: "title", tagsColumn: "tags,kind", timeEndColumn: "end" };
    const query = { query: 'SELECT title, text, tags, kind, "end" FROM events WHERE $timeFilter', ...columns };
    expect(await source.annotations!(query, RANGE, never())).toEqual([
      { time: DAY, timeEnd: DAY + HOUR, title: "Deploy", text: "v2", tags: ["a", "b", "deploy"] },
    ]);
    expect(await source.resource!("columns", { table: "cpu" }, never())).toEqual({
      columns: [
        { name: "n", type: "field" },
        { name: "usage", type: "field" },
        { name: "dc", type: "tag" },
        { name: "host", type: "tag" },
      ],
    });
    expect(await source.health(never())).toMatchObject({
      status: "OK",
      message: expect.stringMatching(/\d measurements/),
    });
    await using wrong = open({ jsonData: { dbName: "none" } });
    expect(await wrong.source.health(never())).toMatchObject({
      status: "ERROR",
      message: "Error reading InfluxDB: InfluxDB returned error: database not found: none",
    });
  });

  test("an answer with too many values is refused, and the source answers on", async () => {
    const lines = Array.from({ length: 250_000 }, (_, at) => `many v=${at % 10}i ${DAY + at}`);
    await server.write("t", lines);
    const columns = Array.from({ length: 30 }, (_, at) => `v AS v${at}`).join(", ");
    expect(await ask(raw(`SELECT ${columns} FROM many`))).toMatchObject({
      status: 422,
      error: expect.stringContaining("more than 5000000 cells"),
    });
    const [frame] = await frames(raw("SELECT v FROM many"));
    expect(frame!.length).toBe(250_000);
  });

  test("a server that hangs, ends or has no TLS is reported, and the next query works again", async () => {
    await using slow = open({ jsonData: { timeout: 1 } });
    await server.freeze();
    expect(await ask(raw("SELECT usage FROM cpu"), slow)).toMatchObject({
      status: 504,
      error: expect.stringContaining("1 s"),
    });
    const running = ask(raw("SELECT usage FROM cpu"));
    const stop = new AbortController();
    const aborted = ask(raw("SELECT n FROM cpu"), asked, stop.signal);
    stop.abort(new Error("the client is gone"));
    await expect(aborted).rejects.toThrow("the client is gone");
    await server.stop();
    expect(await running).toMatchObject({ status: 502 });
    await using tls = open({ url: server.url.replace("http", "https") });
    await server.startAgain();
    expect(await frames(raw("SELECT usage FROM cpu"))).toHaveLength(1);
    expect(await ask(raw("SELECT usage FROM cpu"), tls)).toMatchObject({ status: 502 });
  });

  test("users and passwords are sent, and a wrong password is reported without them", async () => {
    await using guarded = await InfluxdbServer.start(true);
    await guarded.execute("CREATE USER admin WITH PASSWORD 'secret' WITH ALL PRIVILEGES");
    await guarded.execute("CREATE DATABASE t", "admin:secret");
    await using good = open({ url: guarded.url, user: "admin", secureJsonData: { password: "secret" } });
    expect(await ask(raw("SHOW MEASUREMENTS"), good)).toMatchObject({ status: 200 });
    await using bad = open({ url: guarded.url, user: "admin", secureJsonData: { password: "wrong" } });
    expect(await ask(raw("SHOW MEASUREMENTS"), bad)).toMatchObject({
      status: 400,
      error: "Authentication to data source failed",
    });
  });
});
