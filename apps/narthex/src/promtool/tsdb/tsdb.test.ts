import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { runPromtool } from "../main.ts";

const folder = temporaryFolder();

const SAMPLES = `# TYPE requests counter
requests_total{code="200"} 1 1700000000
requests_total{code="200"} 5.5 1700000060
requests_total{code="500"} 1e+06 1700000000
requests_total{code="500"} 1234567890123 1700010060
# TYPE temp gauge
temp{room="x\\"y\\\\z\\n"} NaN 1700000000.123
temp{room="x\\"y\\\\z\\n"} +Inf 1700000001.5
# EOF
`;

/** Runs promtool in the test's folder. Resolves with exit status, standard output and standard error. */
async function promtool(...args: string[]): Promise<[number, string, string]> {
  const host = testHost(args, { cwd: folder });
  const status = await runPromtool(host);
  return [status, host.output.stdout, host.output.stderr];
}

beforeAll(async () => {
  writeFileSync(join(folder, "in.om"), SAMPLES);
  await promtool("tsdb", "create-blocks-from", "openmetrics", "-q", "in.om", "db");
  mkdirSync(join(folder, "db/wal"));
});

test("create-blocks-from openmetrics creates a block for every two hours with samples, and lists it", async () => {
  const [status, out, err] = await promtool("tsdb", "create-blocks-from", "openmetrics", "in.om", "made");
  expect([status, err]).toEqual([0, ""]);
  const lines = out.split("\n");
  expect(lines[0]).toMatch(
    /^BLOCK ULID {18}MIN TIME {7}MAX TIME {7}DURATION {5}NUM SAMPLES {2}NUM CHUNKS {3}NUM SERIES {3}SIZE$/,
  );
  expect(lines[1]).toMatch(/^\w{26} {2}1700000000000 {2}1700000060001 {2}1m0\.001s {5}5 {12}3 {12}3 {12}\d+$/);
  expect(lines[2]).toMatch(/^\w{26} {2}1700010060000 {2}1700010060001 {2}1ms {10}1 {12}1 {12}1 {12}\d+$/);
  expect(readdirSync(join(folder, "made"))).toHaveLength(2);
});

test("rewrite-blocks-as moves blocks to the cold tier and back; the other commands can read both", async () => {
  await promtool("tsdb", "create-blocks-from", "openmetrics", "-q", "in.om", "tiers");
  mkdirSync(join(folder, "tiers/wal"));
  const dump = await promtool("tsdb", "dump", "tiers");
  const [status, out, err] = await promtool("tsdb", "rewrite-blocks-as", "columns", "--cold-after=1h", "tiers");
  expect([status, err]).toEqual([0, ""]);
  expect(out).toMatch(/^\w{26} -> \w{26}\n$/);
  expect(readdirSync(join(folder, "tiers/cold"))).toHaveLength(1);
  expect(await promtool("tsdb", "dump", "tiers")).toEqual(dump);
  const [, listed] = await promtool("tsdb", "list", "tiers");
  expect(listed.trim().split("\n")).toHaveLength(3);
  const [cold] = readdirSync(join(folder, "tiers/cold"));
  const [analyzed, report] = await promtool("tsdb", "analyze", "--extended", "tiers", cold!);
  expect(analyzed).toBe(0);
  expect(report).toContain(`Block ID: ${cold}`);
  expect((await promtool("tsdb", "rewrite-blocks-as", "prometheus", "tiers"))[0]).toBe(0);
  expect(readdirSync(join(folder, "tiers/cold"))).toEqual([]);
  expect(await promtool("tsdb", "dump", "tiers")).toEqual(dump);
});

test("list -r prints human-readable times and sizes", async () => {
  const [status, out] = await promtool("tsdb", "list", "-r", "db");
  expect(status).toBe(0);
  expect(out).toMatch(/2023-11-14 22:13:20 \+0000 UTC {2}2023-11-14 22:14:20 \+0000 UTC {2}1m0\.001s/);
});

test("dump prints the stored samples, series by series", async () => {
  expect(await promtool("tsdb", "dump", "db")).toEqual([
    0,
    `{__name__="requests_total", code="200"} 1 1700000000000
{__name__="requests_total", code="200"} 5.5 1700000060000
{__name__="requests_total", code="500"} 1e+06 1700000000000
{__name__="requests_total", code="500"} 1.234567890123e+12 1700010060000
{__name__="temp", room="x\\"y\\\\z\\n"} NaN 1700000000123
{__name__="temp", room="x\\"y\\\\z\\n"} +Inf 1700000001500
`,
    "",
  ]);
});

test("dump accepts several selectors and a range; a series that matches two of them is printed once", async () => {
  const matchers = ["--match={__name__=~'t.*'}", "--match={room!=''}"];
  expect(await promtool("tsdb", "dump", ...matchers, "--min-time=1700000001000", "db")).toEqual([
    0,
    '{__name__="temp", room="x\\"y\\\\z\\n"} +Inf 1700000001500\n',
    "",
  ]);
  const json = await promtool("tsdb", "dump", "--format=seriesjson", "--match=temp", "db");
  expect(json[1]).toBe('{"__name__":"temp","room":"x\\"y\\\\z\\n"}\n');
});

test("the output of dump-openmetrics creates the same blocks again", async () => {
  const [status, out] = await promtool("tsdb", "dump-openmetrics", "db");
  expect(status).toBe(0);
  expect(out).toContain('requests_total{code="200"} 5.5 1700000060.000\n');
  expect(out.endsWith("\n# EOF\n")).toBe(true);
  writeFileSync(join(folder, "again.om"), out);
  await promtool("tsdb", "create-blocks-from", "openmetrics", "again.om", "again");
  mkdirSync(join(folder, "again/wal"));
  expect(await promtool("tsdb", "dump", "again")).toEqual(await promtool("tsdb", "dump", "db"));
});

test("analyze counts label pairs and names of the newest block, or of the matching series", async () => {
  const first = readdirSync(join(folder, "db")).toSorted()[0]!;
  const [status, out] = await promtool("tsdb", "analyze", "--extended", "db", first);
  expect(status).toBe(0);
  expect(out).toContain("Total Series: 3\nLabel names: 3\nPostings (unique label pairs): 5\n");
  expect(out).toContain("\nHighest cardinality metric names:\n2 requests_total\n1 temp\n");
  expect(out).toContain("samples per float chunk (min/avg/max): 1/1/2\n");
  expect(out).toContain("samples per histogram chunk: N/A\n");
  const matched = await promtool("tsdb", "analyze", "--match={code='500'}", "db", first);
  expect(matched[1]).toContain("Matcher: {code='500'}\nLabel names: 2\nMatched series: 1\n");
});

test("samples that are older than an earlier sample of their series are left out and counted", async () => {
  writeFileSync(join(folder, "late.om"), "x 1 5\nx 3 4\nx 2 6\n# EOF\n");
  const [status, , err] = await promtool("tsdb", "create-blocks-from", "openmetrics", "late.om", "late");
  expect([status, err]).toEqual([
    0,
    "1 samples were left out: the input has them behind later ones of the same series\n",
  ]);
});

test.each([
  ["list nowhere", "opening the db dir: stat nowhere: no such file or directory"],
  ["dump db/wal", "read WAL: find last checkpoint: open db/wal/wal: no such file or directory"],
  ["dump --match={ db", "1:2: parse error: unexpected end of input inside braces"],
  ["analyze db/wal", "no blocks found"],
  ["analyze db zzz", "invalid block ID zzz"],
  ["create-blocks-from openmetrics nofile", "stat nofile: no such file or directory"],
  ["create-blocks-from openmetrics --label=x in.om", "promtool: error: expected KEY=VALUE got 'x', try --help"],
  ["create-blocks-from rules --start=5 --end=4 in.om", "start time is not before end time"],
])("tsdb %s says what is wrong", async (command, sentence) => {
  expect(await promtool("tsdb", ...command.split(" "))).toEqual([1, "", `${sentence}\n`]);
});

test("input without timestamps is refused", async () => {
  writeFileSync(join(folder, "bare.om"), "x 1\n# EOF\n");
  expect(await promtool("tsdb", "create-blocks-from", "openmetrics", "bare.om", "bare")).toEqual([
    1,
    "",
    "getting min and max timestamp: expected timestamp for series got none\n",
  ]);
});

test("bench write ingests rounds of a hundred scrapes, and keeps storage and profiles", async () => {
  const series = ['{"__name__":"a","job":"b"}', '{"__name__":"c","job":"b"}', '{"job":"b","__name__":"a"}'];
  writeFileSync(join(folder, "series.json"), `${series.join("\n")}\n`);
  mkdirSync(join(folder, "bench"));
  writeFileSync(join(folder, "bench/own.txt"), "");
  for (let run = 0; run < 2; run++) {
    const [status, out] = await promtool("tsdb", "bench", "write", "--out=bench", "--scrapes=150", "series.json");
    expect(status).toBe(0);
    expect(out.replaceAll(/duration=\S+/g, "duration=D").replace(/sec: \S+/, "sec: X")).toBe(
      ">> start stage=readData\n>> completed stage=readData duration=D\n>> start stage=ingestScrapes\n" +
        "ingestion completed\n>> completed stage=ingestScrapes duration=D\n > total samples: 400\n > samples/sec: X\n" +
        ">> start stage=stopStorage\n>> completed stage=stopStorage duration=D\n",
    );
    expect(readdirSync(join(folder, "bench"))).toEqual(["cpu.cpuprofile", "mem.heapprofile", "own.txt", "storage"]);
  }
  const [, dumped] = await promtool("tsdb", "dump", "bench/storage");
  const lines = dumped.split("\n");
  expect(lines).toHaveLength(401);
  expect([lines[0], lines[199]]).toEqual([
    '{__name__="a", job="b"} 1.23457789e+08 30000',
    '{__name__="a", job="b"} 1.23556789e+08 6000000',
  ]);
});

test("bench write reports errors in its file", async () => {
  const run = async (...args: string[]): Promise<[number, string]> => {
    const [status, , err] = await promtool("tsdb", "bench", "write", "--out=bench", ...args);
    return [status, err.split("\n").findLast((line) => line !== "")!];
  };
  expect(await run("none.json")).toEqual([1, "open none.json: no such file or directory"]);
  writeFileSync(join(folder, "wrong.json"), '{"a":"b"}\nwrong\n');
  expect(await run("wrong.json")).toEqual([1, 'line 2: expected {"name":"value",…}, found "wrong"']);
});
