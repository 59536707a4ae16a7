import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { runDashboardCommand } from "./main.ts";

const folder = temporaryFolder();

/** Runs a command in the folder. Resolves with status, standard output and standard error. */
async function run(...args: readonly string[]): Promise<[number, string, string]> {
  const host = testHost([...args], { cwd: folder });
  const status = await runDashboardCommand(host);
  return [status, host.output.stdout, host.output.stderr];
}

const write = (name: string, value: unknown): void =>
  writeFileSync(join(folder, name), typeof value === "string" ? value : JSON.stringify(value, null, 1));

const panel = (id: number, exprs: readonly string[], rest: object = {}): object => ({
  id,
  type: "timeseries",
  title: `p${id}`,
  targets: exprs.map((expr, i) => ({ refId: "ABCDEF"[i], expr })),
  ...rest,
});

const dashboardOf = (panels: readonly object[], variables: readonly object[] = []): object => ({
  title: "T",
  schemaVersion: 42,
  templating: { list: variables },
  panels,
});

const unit = (id: string): object => ({ fieldConfig: { defaults: { unit: id }, overrides: [] } });

/** Returns the names of the checks that report something for a dashboard with one panel. */
async function found(
  exprs: readonly string[],
  rest: object = {},
  variables: readonly object[] = [],
): Promise<string[]> {
  write("one.json", dashboardOf([panel(1, exprs, rest)], variables));
  const findings = JSON.parse((await run("check", "--format=json", "one.json"))[1]) as { check: string }[];
  return findings.map(({ check }) => check);
}

test.each([
  ["sum(rate(up[5m])", {}, ["query-syntax"]],
  ["rate(x_total[30s])", {}, ["rate-window"]],
  ["rate(x_total[1m])", {}, []],
  ["irate(x_total[30s])", {}, []],
  ["rate(x_total[$__interval])", {}, ["rate-window"]],
  ["rate(x_total[$__rate_interval])", {}, []],
  ["rate(x_total[${window}])", {}, []],
  ['topk($count, $metric{job=~"$job"} > $least)', {}, []],
  ["process_resident_memory_bytes", unit("bytes"), []],
  ["process_resident_memory_bytes", unit("s"), ["unit"]],
  ["process_resident_memory_bytes", unit("gbytes"), ["unit"]],
  ["process_resident_memory_bytes", unit("short"), []],
  ["sum(rate(node_network_receive_bytes_total[5m])) * 8", unit("bps"), []],
  ["sum(rate(node_network_receive_bytes_total[5m]))", unit("bytes"), ["unit"]],
  ["histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m])))", unit("s"), []],
  ["histogram_quantile(0.9, sum by (le) (rate(x_seconds_bucket[5m])))", unit("ms"), ["unit"]],
  ["100 * sum(rate(node_cpu_seconds_total[5m]))", unit("percent"), []],
  ["process_start_time_seconds", unit("dateTimeFromNow"), []],
  ["a_bytes / b_bytes", unit("percentunit"), []],
  ["up", { type: "flowchart" }, ["panel-type"]],
  ["up", { datasource: { type: "cloudwatch", uid: "x" } }, ["data-source"]],
  ["up", { datasource: { type: "prometheus", uid: "${DS_X}" } }, []],
] as const)("check of %s with %j finds %j", async (expr, rest, checks) => {
  const variables = [
    { name: "job", type: "query", query: "label_values(up, job)" },
    { name: "count", type: "custom", query: "1,2" },
    { name: "window", type: "interval", query: "5m,1h" },
    { name: "metric", type: "textbox", query: "" },
  ];
  expect(await found([expr], rest, variables)).toEqual(checks);
});

test("check reports file, line and panel, and fails on errors, with --strict also on warnings", async () => {
  write("a.json", dashboardOf([panel(7, ["up", "up{"]), panel(8, ["rate(x[10s])"])]));
  const lines = readFileSync(join(folder, "a.json"), "utf8").split("\n");
  const line = lines.findIndex((one) => one.includes('"up{"')) + 1;
  const [status, output] = await run("check", "a.json");
  expect(status).toBe(1);
  expect(output).toContain(`a.json:${line}:14: error: panel 7 "p7": query B does not parse: 1:4: parse error: `);
  expect(output).toContain("1 file checked, errors: 1, warnings: 1\n");
  write("b.json", dashboardOf([panel(8, ["rate(x[10s])"])]));
  expect((await run("check", "b.json"))[0]).toBe(0);
  expect((await run("check", "b.json", "--scrape-interval=1s"))[1]).toBe("1 file checked, errors: 0, warnings: 0\n");
  expect((await run("check", "b.json", "--strict"))[0]).toBe(1);
  write("c.json", '{\n "title": ]');
  expect(await run("check", "c.json", "none.json")).toEqual([
    1,
    "c.json:2:11: error: this is not JSON: a value is expected, not ] [json]\n" +
      "none.json:1:1: error: the file cannot be read: there is no such file [json]\n2 files checked, errors: 2, warnings: 0\n",
    "",
  ]);
  expect((await run("check"))[2]).toBe("narthex dashboards: error: name the files to check; - is standard input\n");
});

test("check with a server reports unknown metrics and labels, units that contradict its metadata, and panels that read many series", async () => {
  const answers: Record<string, unknown> = {
    "/api/v1/label/__name__/values": ["up", "speed", "big"],
    "/api/v1/metadata": { speed: [{ type: "gauge", unit: "seconds", help: "" }] },
    "/api/v1/targets?state=active": {
      activeTargets: [{ scrapeInterval: "1m" }, { scrapeInterval: "1m" }, { scrapeInterval: "15s" }],
    },
  };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url!);
    asked.push(url);
    const data =
      answers[url] ??
      (url.startsWith("/api/v1/labels")
        ? ["__name__", "job"]
        : { result: [{ value: [0, url.includes("big") ? "9000" : "2"] }] });
    response.end(JSON.stringify({ status: "success", data }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  write(
    "s.json",
    dashboardOf([
      panel(1, ['up{job="x", zone="y", none!="z"}', "sum by (job, region) (up)", "gone"]),
      panel(2, ["speed"], unit("bytes")),
      panel(3, ["sum(rate(big[2m]))"]),
    ]),
  );
  const [status, output] = await run("check", `--server=${url}`, "s.json");
  expect(status).toBe(0);
  expect(output.replaceAll(/^\S+ /gm, "")).toBe(
    [
      'warning: panel 1 "p1": query A: up has no label "zone" [unknown-label]',
      'warning: panel 1 "p1": query B: the query groups by "region", but none of its series has this label [unknown-label]',
      'warning: panel 1 "p1": query C: the server has no metric gone [unknown-metric]',
      'warning: panel 2 "p2": query A returns seconds, but the panel\'s unit "bytes" is a unit of another quantity; use "s" [unit]',
      'warning: panel 3 "p3": its queries read 9000 series, more than 5000; narrow its selectors, or compute its values with a recording rule [cost]',
      'warning: panel 3 "p3": rate() over 2m contains fewer than 4 scrapes at intervals of 1m; use $__rate_interval or 4m [rate-window]',
      "file checked, errors: 0, warnings: 6\n",
    ].join("\n"),
  );
  expect(new Set(asked).size).toBe(asked.length);
  await new Promise((done) => server.close(done));
  expect((await run("check", `--server=${url}`, "s.json"))[2]).toMatch(
    /^narthex dashboards: error: the server does not answer: /,
  );
});

test("fmt prints, checks and writes files with sorted keys, and changes no value", async () => {
  write("f.json", '{"title":"T","panels":[],"id":12345678901234567890}');
  const formatted = '{\n  "id": 12345678901234567890,\n  "panels": [],\n  "title": "T"\n}\n';
  expect(await run("fmt", "f.json")).toEqual([0, formatted, ""]);
  expect(await run("fmt", "--check", "f.json")).toEqual([1, "f.json\n", ""]);
  expect(await run("fmt", "--write", "f.json")).toEqual([0, "f.json\n", ""]);
  expect(readFileSync(join(folder, "f.json"), "utf8")).toBe(formatted);
  expect(await run("fmt", "--check", "f.json")).toEqual([0, "", ""]);
  write("bad.json", "{");
  expect((await run("fmt", "--write", "bad.json", "f.json"))[0]).toBe(1);
  expect(readFileSync(join(folder, "bad.json"), "utf8")).toBe("{");
});

test("diff prints differences by panel and path", async () => {
  write("old.json", dashboardOf([panel(1, ["up"]), panel(2, ["x"])]));
  write("new.json", dashboardOf([panel(1, ["down"])]));
  expect(await run("diff", "old.json", "new.json")).toEqual([
    1,
    'panel 1 "p1": targets[A].expr\n  - "up"\n  + "down"\npanel 2 "p2": removed\n',
    "",
  ]);
  expect(await run("diff", "old.json", "old.json")).toEqual([0, "", ""]);
  expect((await run("diff", "old.json"))[2]).toContain("name two files");
});

test("render reports that a browser is needed, and how to use one", async () => {
  const [status, , error] = await run("render");
  expect(status).toBe(2);
  expect(error).toContain("/d-solo/<uid>/<slug>?panelId=<id>");
});

test("check reports mistakes in SQL, InfluxQL, LogQL and SQL expressions, and accepts variables and macros", async () => {
  const target = (refId: string, type: string, query: object): object => ({
    refId,
    datasource: { type, uid: type },
    ...query,
  });
  const sql = (refId: string, rawSql: string, type = "postgres"): object => target(refId, type, { rawSql });
  const targets = [
    sql("A", "SELECT $__timeGroupAlias(t, '$step'), ${x:csv} FROM [[table]] WHERE $__timeFilter(t) AND a IN ($list)"),
    sql("B", "SELECT $__timeFiltr(t) FROM x"),
    sql("C", "DROP TABLE x", "mysql"),
    sql(
      "D",
      "SELECT 1 FROM x WHERE $__conditionalAll(a = 1, $a) AND $__timeFilter(t)",
      "grafana-clickhouse-datasource",
    ),
    target("E", "influxdb", { rawQuery: true, query: "DROP DATABASE x" }),
    target("F", "influxdb", { rawQuery: true, query: "SELECT a FROM m WHERE $timeFilter" }),
    target("G", "frser-sqlite-datasource", { rawQueryText: "PRAGMA x" }),
    target("H", "__expr__", { type: "sql", expression: "SELECT * FROM A JOIN Z" }),
    target("I", "__expr__", { type: "sql", expression: "SELECT * FROM a WHERE x = '$x'" }),
    target("J", "__expr__", { type: "math", expression: "$A * (2" }),
    target("K", "__expr__", { type: "sql", expression: "SELECT 'a" }),
    target("L", "loki", { expr: 'sum by (level) (rate({job="$job"} |= `$text` | logfmt [$__auto])) > $limit' }),
    target("M", "loki", { expr: 'sum(rate({job="$job"} |= `$text` | logfmt))' }),
  ];
  write("statements.json", dashboardOf([{ id: 1, type: "table", title: "t", targets }]));
  const [, output] = await run("check", "--format=json", "statements.json");
  const findings = JSON.parse(output) as { check: string; path: string; message: string }[];
  expect(findings.map(({ check, path, message }) => [check, path, message.slice(0, 60)])).toEqual([
    ["query-syntax", "targets[1].rawSql", 'query B: interpolation failed: unknown macro "__timeFiltr"'],
    ["query-syntax", "targets[2].rawSql", 'query C: db query error: the statement begins with "DROP", b'],
    ["query-syntax", "targets[4].query", 'query E: the query contains a statement that begins with "DR'],
    ["query-syntax", "targets[6].rawQueryText", 'query G: db query error: the statement begins with "PRAGMA",'],
    ["query-syntax", "targets[7].expression", "query H: the panel has no query Z; a table is the name of an"],
    ["query-syntax", "targets[10].expression", "query K: the statement ends within the text that begins with"],
    ["query-syntax", "targets[12].expr", "query M: line 1, column 42: ) is unexpected: rate needs a ra"],
  ]);
});
