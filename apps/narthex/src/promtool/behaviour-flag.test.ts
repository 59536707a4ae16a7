import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { runPromtool } from "./main.ts";

const folder = temporaryFolder();

/** Runs `promtool` in the test's folder. Resolves with exit status, standard output and standard error. */
async function promtool(...args: string[]): Promise<[number, string, string]> {
  const host = testHost(args, { cwd: folder });
  const status = await runPromtool(host);
  return [status, host.output.stdout, host.output.stderr];
}

const RULES = "groups: [{name: g, rules: [{alert: High, expr: load > 5, for: 2m}, {alert: Down, expr: up == 0}]}]\n";
const KEEP = "behaviours: [{alert: High, on_no_data: keep, recovery_threshold: 3}]\n";
const TESTS = `rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series: [{series: 'load{i="x"}', values: '9 9 9 _x10 4 1'}]
  alert_rule_test:
  - {eval_time: 2m, alertname: High, exp_alerts: [{exp_labels: {i: x}}]}
  - {eval_time: 12m, alertname: High, exp_alerts: [{exp_labels: {i: x}}]}
  - {eval_time: 13m, alertname: High, exp_alerts: [{exp_labels: {i: x}}]}
  - {eval_time: 14m, alertname: High}
`;

beforeAll(() => {
  const files = {
    "rules.yml": RULES,
    "keep.yml": KEEP,
    "test.yml": TESTS,
    "unused.yml": KEEP.replace("High", "Hihg"),
    "impossible.yml": KEEP.replace("3", "8"),
    "broken.yml": "behaviours: [{alert: High, on_no_data: drop}]\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});

test("check rules checks behaviours with the rules", async () => {
  expect(await promtool("check", "rules", "--behaviour-files=keep.yml", "rules.yml")).toEqual([
    0,
    "Checking rules.yml\n  SUCCESS: 2 rules found\n\nChecking behaviours of keep.yml\n  SUCCESS: 1 behaviours found\n\n",
    "",
  ]);
});

test.each([
  ["unused.yml", '  FAILED:\nunused.yml:1:22: no alert "Hihg" in the rule files; write alert: High?\n'],
  [
    "impossible.yml",
    '  FAILED:\nimpossible.yml:1:66: alert "High" of group "g": the recovery threshold 8 is above 5, at which the alert fires; write 5 or a smaller number\n',
  ],
  ["broken.yml", 'broken.yml:1:40: field on_no_data: unknown value "drop"; use one of keep, fire, resolve\n'],
])("check rules reports the problem of %s with place and remedy", async (file, problem) => {
  const [status, , stderr] = await promtool("check", "rules", `--behaviour-files=${file}`, "rules.yml");
  expect([status, stderr]).toEqual([1, problem]);
});

test("promtool test rules evaluates alerts with their behaviours", async () => {
  expect(await promtool("test", "rules", "--behaviour-files=keep.yml", "test.yml")).toEqual([0, "  SUCCESS\n\n", ""]);
  const [status, , stderr] = await promtool("test", "rules", "test.yml");
  expect([status, stderr.match(/time: \d+m/g)]).toEqual([1, ["time: 12m", "time: 13m"]]);
  expect((await promtool("test", "rules", "--behaviour-files=broken.yml", "test.yml"))[0]).toBe(1);
});
