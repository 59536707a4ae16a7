import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { runPromtool } from "./main.ts";

const folder = temporaryFolder();

const RULES = `groups:
- name: g
  rules:
  - {record: "a:b", expr: "sum(x) by (job)"}
  - alert: Down
    expr: up == 0
    for: 5m
    labels: {severity: page, dc: '{{ $externalLabels.dc }}'}
    annotations: {summary: 'down {{ $labels.instance }} {{ $value }}'}
`;

const GOOD = `rule_files: [rules.yml]
evaluation_interval: 1m
tests:
- name: good
  interval: 1m
  external_labels: {dc: eu}
  input_series:
  - {series: 'up{instance="x"}', values: '0x10 1'}
  - {series: 'x{job="j",i="1"}', values: '0+1x10'}
  - {series: 'x{job="j",i="2"}', values: '1 2 _ stale 4'}
  alert_rule_test:
  - eval_time: 6m
    alertname: Down
    exp_alerts: [{exp_labels: {instance: x, severity: page, dc: eu}, exp_annotations: {summary: 'down x 0'}}]
  - {eval_time: 2m, alertname: Down}
  promql_expr_test:
  - {expr: 'a:b', eval_time: 1m, exp_samples: [{labels: 'a:b{job="j"}', value: 3}]}
  - {expr: 5, eval_time: 1m, exp_samples: [{value: 5}]}
- name: from-a-date
  start_timestamp: 2024-01-01T00:00:00Z
  input_series: [{series: x, values: '1+1x5'}]
  promql_expr_test: [{expr: timestamp(x), eval_time: 2m, exp_samples: [{value: 1704067320}]}]
`;

const BAD = `rule_files: [rules.yml]
tests:
- name: bad
  interval: 1m
  input_series: [{series: 'up{instance="x"}', values: '0x10'}]
  alert_rule_test:
  - {eval_time: 6m, alertname: Down}
  - {eval_time: 1m, alertname: Down, exp_alerts: [{exp_labels: {a: b}, exp_annotations: {c: d}}, {}]}
  promql_expr_test:
  - {expr: up, eval_time: 4m, exp_samples: [{labels: 'up{instance="x"}', value: 12345.678}]}
  - {expr: up, eval_time: 4m}
  - {expr: 'up[', eval_time: 1h30m}
`;

beforeAll(() => {
  const files = { "rules.yml": RULES, "good.yml": GOOD, "bad.yml": BAD, "wrong.yml": "tests: [{nam: x}]" };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});

async function promtool(command: string): Promise<[number, string, string]> {
  const host = testHost(command.split(" "), { cwd: folder });
  const status = await runPromtool(host);
  return [status, host.output.stdout, host.output.stderr];
}

test("promtool test rules passes if alerts and samples are as expected", async () => {
  expect(await promtool("test rules good.yml")).toEqual([0, "  SUCCESS\n\n", ""]);
});

test("promtool test rules shows expected and actual results, as promtool does", async () => {
  expect(await promtool("test rules bad.yml")).toEqual([
    1,
    "\n".repeat(6),
    `  FAILED:
    name: bad,
    alertname: Down, time: 1m, 
        exp:[
            0:
              Labels:{a="b", alertname="Down"}
              Annotations:{c="d"},
            1:
              Labels:{alertname="Down"}
              Annotations:{}
            ], 
        got:[]
    name: bad,
    alertname: Down, time: 6m, 
        exp:[], 
        got:[
            0:
              Labels:{alertname="Down", instance="x", severity="page"}
              Annotations:{summary="down x 0"}
            ]
    expr: "up", time: 4m,
        exp: {__name__="up", instance="x"} 1.2345678E+04
        got: {__name__="up", instance="x"} 0E+00
    expr: "up", time: 4m,
        exp: nil
        got: {__name__="up", instance="x"} 0E+00
    expr: "up[", time: 1h30m, err: 1:4: parse error: unexpected end of input in duration expression
`,
  ]);
});

test("promtool test rules --run selects tests by name, and --junit writes a report", async () => {
  expect(await promtool("test rules --run=nothing --junit=report.xml bad.yml good.yml")).toEqual([
    0,
    "  SUCCESS\n\n  SUCCESS\n\n",
    "",
  ]);
  expect((await promtool("test rules --junit=report.xml bad.yml"))[0]).toBe(1);
  expect(readFileSync(join(folder, "report.xml"), "utf8")).toContain(
    '<testsuite name="bad.yml" tests="1" failures="1" errors="0">',
  );
});

test("promtool test rules reports the place of a mistake in the test file", async () => {
  expect(await promtool("test rules wrong.yml")).toEqual([
    1,
    "\n\n",
    "  FAILED:\nwrong.yml:1:10: field nam not found in type main.testGroup; did you mean name?\n",
  ]);
});

test("tests and their rules may use features of --enable-feature", async () => {
  writeFileSync(join(folder, "fill-rules.yml"), "groups: [{name: g, rules: [{record: r, expr: 'a + fill(1) b'}]}]");
  const tests = `rule_files: [fill-rules.yml]
evaluation_interval: 1m
tests:
- interval: 1m
  input_series: [{series: a, values: '5x3'}]
  promql_expr_test: [{expr: 'r + fill_right(2) b', eval_time: 1m, exp_samples: [{labels: '{}', value: 8}]}]
`;
  writeFileSync(join(folder, "fill.yml"), tests);
  const run = async (...args: readonly string[]): Promise<readonly [number, string]> => {
    const host = testHost([...args, "test", "rules", "fill.yml"], { cwd: folder });
    return [await runPromtool(host), host.output.stderr];
  };
  expect((await run())[1]).toContain("binop fill modifiers are experimental and not enabled");
  expect(await run("--enable-feature=promql-binop-fill-modifiers")).toEqual([0, ""]);
});
