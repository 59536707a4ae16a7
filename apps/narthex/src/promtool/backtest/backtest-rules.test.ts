import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { runPromtool } from "../main.ts";

const folder = temporaryFolder();
/** 2023-11-14T22:13:20Z, in seconds. */
const START = 1_700_000_000;

/** Runs `promtool backtest rules` in the test's folder. Resolves with exit status, standard output and standard error. */
async function backtest(...args: string[]): Promise<[number, string, string]> {
  const host = testHost(["backtest", "rules", ...args], { cwd: folder });
  const status = await runPromtool(host);
  return [status, host.output.stdout, host.output.stderr];
}

const rules = (threshold: number): string => `groups:
  - name: load
    rules:
      - record: load:max
        expr: max by (instance) (load)
      - alert: High
        expr: load:max > ${threshold}
        for: 2m
        annotations: { text: "{{ $value }}" }
`;
const range = ["--tsdb=db", `--from=${START}`, `--to=${START + 1800}`];

beforeAll(async () => {
  const values = Array.from({ length: 120 }, (_, at) => (at >= 40 && at < 80 ? 9 : at >= 90 && at < 104 ? 6 : 1));
  const lines = values.map((value, at) => `load{instance="a"} ${value} ${START + at * 15}`);
  writeFileSync(join(folder, "in.om"), `# TYPE load gauge\n${lines.join("\n")}\n# EOF\n`);
  writeFileSync(join(folder, "rules.yml"), rules(5));
  writeFileSync(join(folder, "old.yml"), rules(7));
  const host = testHost(["tsdb", "create-blocks-from", "openmetrics", "-q", "in.om", "db"], { cwd: folder });
  if ((await runPromtool(host)) !== 0) throw new Error(host.output.stderr);
  mkdirSync(join(folder, "db/wal"));
});

test("the report names each firing with its times, and the rules that did not fire", async () => {
  const [status, out, err] = await backtest(...range, "rules.yml");
  expect([status, err]).toEqual([0, ""]);
  expect(out.split("\n").map((line) => line.trimEnd())).toEqual([
    "rules.yml, group load, recording rule load:max: 30 evaluations",
    "rules.yml, group load, alerting rule High: 30 evaluations",
    "  fired 2 times with one label set, 9m in total, 8m at most",
    "  once for less than 5m",
    "  Pending               Firing                Resolved              Duration  Labels",
    expect.stringMatching(
      /^ {2}2023-11-14T22:2\d:\d\dZ {2}2023-11-14T22:2\d:\d\dZ .* 8m +\{alertname="High", instance="a"\}$/,
    ),
    expect.stringMatching(/ 1m +\{alertname="High", instance="a"\}$/),
    "",
  ]);
  const [, none] = await backtest("--tsdb=db", "--from=5m", `--to=${START + 1800}`, "rules.yml");
  expect(none).toContain("  did not fire\n");
});

test("--format=json contains the annotations and the value of each occurrence", async () => {
  const [, out] = await backtest(...range, "--format=json", "rules.yml");
  const report = JSON.parse(out) as { rules: readonly { name: string; occurrences?: readonly object[] }[] };
  expect(report).toMatchObject({ from: "2023-11-14T22:13:20Z", to: "2023-11-14T22:43:20Z" });
  expect(report.rules[1]).toMatchObject({
    name: "High",
    summary: { fired: 2, labelSets: 1, short: 1, pendingOnly: 0 },
  });
  expect(report.rules[1]!.occurrences).toHaveLength(2);
  expect(report.rules[1]!.occurrences![0]).toMatchObject({
    labels: { alertname: "High", instance: "a" },
    annotations: { text: "9" },
    value: "9",
    firingSeconds: 480,
  });
});

test("--against lists the firings that a change adds or loses, gives the status 3, and a failed case in JUnit", async () => {
  const [status, out] = await backtest(...range, "--against=old.yml", "--junit=report.xml", "rules.yml");
  expect(status).toBe(3);
  expect(out).toContain("1 firings added, 0 firings lost:\n+ 2023-11-14T22:");
  expect(readFileSync(join(folder, "report.xml"), "utf8")).toContain(
    '<testsuite name="--against" tests="1" failures="1"',
  );
  const [equal, text] = await backtest(...range, "--against=rules.yml", "rules.yml");
  expect([equal, text.includes("Both versions fire at the same times.")]).toEqual([0, true]);
});

test("arguments that cannot be used, a missing folder and broken rules get one sentence and the status 1", async () => {
  expect(await backtest("--tsdb=db", "--from=soon", "rules.yml")).toEqual([
    1,
    "",
    '--from "soon" is not a time; write for example 2026-11-01T00:00:00Z or 7d\n',
  ]);
  expect(await backtest("--tsdb=db", "--from=20", "--to=10", "rules.yml")).toEqual([
    1,
    "",
    "--from is not before --to\n",
  ]);
  const [gone, , missing] = await backtest(`--from=${START}`, "--tsdb=nowhere", "rules.yml");
  expect([gone, missing]).toEqual([1, expect.stringContaining("no such file or directory")]);
  writeFileSync(join(folder, "broken.yml"), rules(5).replace("load:max > 5", "load:max >"));
  const [broken, , problem] = await backtest(...range, "broken.yml");
  expect([broken, problem]).toEqual([1, expect.stringContaining("broken.yml")]);
});

test("an evaluation that fails is reported with its time, and the status is 1", async () => {
  writeFileSync(
    join(folder, "failing.yml"),
    rules(5).replace("load:max > 5", "load * on () group_left () (load or load2)"),
  );
  const [status, out] = await backtest(...range, "failing.yml");
  expect([status, out.includes("evaluations failed")]).toEqual([0, false]);
  writeFileSync(
    join(folder, "failing.yml"),
    rules(5).replace("load:max > 5", "label_replace(load, 'x', '', 'y', '(')"),
  );
  const [failed, text] = await backtest(...range, "failing.yml");
  expect(failed).toBe(1);
  expect(text).toMatch(/ {2}30 evaluations failed, the first at 2023-11-14T22:13:\d\dZ: /);
});

test("a server that cannot be reached ends the backtest with one sentence", async () => {
  const [status, out, err] = await backtest("--url=http://127.0.0.1:1", "--from=5m", "rules.yml");
  expect([status, out]).toEqual([1, ""]);
  expect(err).toMatch(/^reading samples: remote_read: .*connection refused\n$/);
});
