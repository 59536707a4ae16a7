import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { runAmtool } from "./main.ts";

const folder = temporaryFolder();

writeFileSync(
  join(folder, "am.yml"),
  `route:
  receiver: mail
  group_by: [alertname]
  routes:
    - {matchers: [severity=page], receiver: pager, continue: true}
    - {matchers: [team=shop], receiver: chat, group_by: [alertname, team]}
    - {matchers: [severity=ticket], mute_time_intervals: [night], active_time_intervals: [week]}
receivers: [{name: mail}, {name: pager}, {name: chat}]
inhibit_rules: [{source_matchers: [alertname=ClusterDown], target_matchers: [alertname!=ClusterDown], equal: [cluster]}]
time_intervals:
  - {name: night, time_intervals: [{times: [{start_time: '00:00', end_time: '07:00'}]}]}
  - {name: week, time_intervals: [{weekdays: ['monday:friday']}]}
`,
);

interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function unitTest(item: string, ...args: string[]): Promise<Ran> {
  const file = join(folder, "tests.yml");
  writeFileSync(file, `config_file: am.yml\ntests:\n  - ${item}\n`);
  const host = testHost(["config", "routes", "unit-test", file, ...args], { env: { HOME: folder } });
  return { status: await runAmtool(host), ...host.output };
}

test.each([
  "{labels: {alertname: Down, severity: page, team: shop}, expect: {receivers: [pager, chat]}}",
  "{labels: {alertname: Down, severity: page, team: shop}, expect: {group_labels: [{alertname: Down}, {team: shop, alertname: Down}]}}",
  `{labels: {alertname: Down, severity: page}, expect: {group_keys: ['{}/{severity="page"}:{alertname="Down"}']}}`,
  "{labels: {severity: ticket}, at: '2026-01-05T03:00:00Z', expect: {muted_by: [night]}}",
  "{labels: {severity: ticket}, at: '2026-01-04T12:00:00+01:00', expect: {muted_by: [week]}}",
  "{labels: {severity: ticket}, at: '2026-01-05T12:00:00Z', expect: {muted_by: []}}",
  "{labels: {alertname: A, cluster: a}, alerts: [{alertname: ClusterDown, cluster: a}], expect: {inhibited_by: [{cluster: a, alertname: ClusterDown}]}}",
  "{labels: {alertname: A, cluster: b}, alerts: [{alertname: ClusterDown, cluster: a}], expect: {inhibited_by: []}}",
  "{labels: {alertname: A}, silences: ['x=y', 'alertname=~\"A|B\"'], expect: {silenced: true}}",
])("unit-test agrees with %s", async (item) => {
  expect(await unitTest(item)).toMatchObject({ status: 0, stderr: "" });
});

test("unit-test shows the expected and the actual route of a wrongly routed alert, and reports it as JUnit", async () => {
  const junit = join(folder, "j.xml");
  const item = "{name: mine, labels: {severity: page}, expect: {receivers: [chat], silenced: true}}";
  const { status, stderr } = await unitTest(item, `--junit=${junit}`);
  expect(status).toBe(1);
  expect(stderr).toContain(
    `FAILED: mine, ${join(folder, "tests.yml")}:3:5\n    receivers:\n      expected: [chat]\n      got:      [pager]\n`,
  );
  expect(stderr).toContain("silenced:\n      expected: true\n      got:      false\n");
  expect(stderr).toContain('└── {severity="page"}  receiver: pager\n');
  expect(readFileSync(junit, "utf8")).toMatch(/tests="1" failures="1"[^]*<failure [^]*got: +\[pager\]/);
});

test.each([
  ["{labels: {a: b}}", ":3:5: the test has no expectations; "],
  ["{labels: {a: b}, expect: {muted_by: []}}", ":3:30: muted_by depends on the time; "],
  ["{labels: {a: b}, at: noon, expect: {receivers: [mail]}}", 'cannot parse "noon" as "2006"'],
  ["{labels: {a: b}, silences: ['a=~\"(\"'], expect: {silenced: true}}", "missing closing )"],
])("unit-test refuses %s with %j", async (item, sentence) => {
  const { status, stderr } = await unitTest(item);
  expect(status).toBe(1);
  expect(stderr).toContain(sentence);
});
