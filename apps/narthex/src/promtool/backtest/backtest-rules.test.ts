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
  const behaviours = (text: string) => `behaviours: [{ alert: High, ${text} }]\n`;
  writeFileSync(join(folder, "damped.yml"), behaviours("flap_damping: { max_changes: 2, window: 1d }"));
  writeFileSync(join(folder, "fire.yml"), behaviours("on_no_data: fire, data: nothing"));
  writeFileSync(join(folder, "bad.yml"), behaviours("recovery_threshold: 80"));
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

test("behaviours of the alerts are part of the backtest, and --against has its own", async () => {
  expect((await backtest(...range, "--behaviour-files=damped.yml", "rules.yml"))[1]).toContain("fired once");
  const [status, out] = await backtest(...range, "--behaviour-files=fire.yml", "--against=rules.yml", "rules.yml");
  expect(status).toBe(3);
  expect(out).toMatch(/1 firings added, 0 firings lost:\n\+ .*\{alertname="High"\}/);
  const both = ["--behaviour-files=fire.yml", "--against.behaviour-files=fire.yml"];
  const [equal, text] = await backtest(...range, ...both, "--against=rules.yml", "rules.yml");
  expect([equal, text.includes("Both versions fire at the same times.")]).toEqual([0, true]);
  expect(await backtest(...range, "--behaviour-files=bad.yml", "rules.yml")).toEqual([
    1,
    "",
    'bad.yml:1:49: alert "High" of group "load": the recovery threshold 80 is above 5, at which the alert fires; write 5 or a smaller number\n',
  ]);
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

const ALERTMANAGER = `route:
  receiver: chat
  group_by: [alertname]
  group_wait: 30s
  group_interval: 1m
receivers:
  - name: chat
    slack_configs: [{ api_url: "https://hooks.example.org/T0/very-secret", send_resolved: true }]
`;
const silenceJson = (fields: object): string =>
  JSON.stringify([
    {
      id: "5c4b2a40-6c3f-4b38-9d2b-0f6b1b7a1c11",
      matchers: [{ name: "alertname", value: "High", isRegex: false, isEqual: true }],
      startsAt: "2023-11-14T22:00:00.000Z",
      endsAt: "2023-11-14T22:34:00.000Z",
      updatedAt: "2023-11-14T22:00:00.000Z",
      createdBy: "me",
      comment: "work",
      status: { state: "expired" },
      ...fields,
    },
  ]);

test("--alertmanager.config lists the notifications, and the alerts without notification with the reason", async () => {
  writeFileSync(join(folder, "am.yml"), ALERTMANAGER);
  writeFileSync(join(folder, "silences.json"), silenceJson({}));
  const [status, out, err] = await backtest(...range, "--alertmanager.config=am.yml", "rules.yml");
  expect([status, err]).toEqual([0, ""]);
  const lines = out.split("\n").map((line) => line.trimEnd());
  expect(lines.slice(lines.indexOf("4 notifications: chat/slack[0] 4"))).toEqual([
    "4 notifications: chat/slack[0] 4",
    "  Time                  Receiver       Group               Reason               Firing  Resolved",
    expect.stringMatching(
      /^ {2}2023-11-14T22:2\d:\d\dZ {2}chat\/slack\[0\] {2}\{alertname="High"\} {2}first notification +1 +0$/,
    ),
    expect.stringMatching(/ all alerts resolved +0 +1$/),
    expect.stringMatching(/ first notification +1 +0$/),
    expect.stringMatching(/ all alerts resolved +0 +1$/),
    "",
  ]);
  const silenced = ["--alertmanager.config=am.yml", "--silences=silences.json"];
  const [, text] = await backtest(...range, ...silenced, "rules.yml");
  expect(text).toContain("2 notifications: chat/slack[0] 2\n");
  expect(text).toContain("1 alert without notification:\n");
  expect(text).toMatch(/Z {2}chat +silenced by 5c4b2a40-\S+ +\{alertname="High", instance="a"\}/);
  const [, json] = await backtest(...range, ...silenced, "--format=json", "rules.yml");
  expect(json).not.toContain("very-secret");
  expect(JSON.parse(json)).toMatchObject({
    notifications: [
      { receiver: "chat", integration: "slack[0]", groupLabels: { alertname: "High" }, reason: "first notification" },
      { firing: [], resolved: [{ alertname: "High", instance: "a" }], reason: "all alerts resolved" },
    ],
    hiddenNotifications: 0,
    notNotified: [{ receiver: "chat", reasons: [{ cause: "silence" }], labels: { alertname: "High" } }],
    hiddenNotNotified: 0,
  });
});

test("--against compares the notifications as well", async () => {
  const files = ["--alertmanager.config=am.yml", "--against=old.yml", "--junit=notified.xml"];
  const [status, out] = await backtest(...range, ...files, "rules.yml");
  expect(status).toBe(3);
  expect(out).toMatch(
    /\n2 notifications added, 0 notifications lost:\n\+ 2023\S+ chat\/slack\[0\] \{alertname="High"\}: 1 firing, 0 resolved\n\+ /,
  );
  expect(readFileSync(join(folder, "notified.xml"), "utf8")).toContain('<testcase name="notifications">');
  const [equal, text] = await backtest(...range, "--alertmanager.config=am.yml", "--against=rules.yml", "rules.yml");
  expect([equal, text.includes("and send the same notifications.\n")]).toEqual([0, true]);
});

test("--config.file gives the settings of the server, and relabels alerts", async () => {
  const config = (...entries: string[]): string => `global: { evaluation_interval: 30s, external_labels: { zone: z1 } }
alerting:
  alert_relabel_configs: [{ target_label: cluster, replacement: c1 }]
  alertmanagers: [${entries.map((entry) => `{ static_configs: [{ targets: ["localhost:9093"] }]${entry} }`).join(", ")}]
`;
  writeFileSync(
    join(folder, "prometheus.yml"),
    config(", alert_relabel_configs: [{ regex: instance, action: labeldrop }]"),
  );
  const files = ["--alertmanager.config=am.yml", "--config.file=prometheus.yml"];
  const [, out] = await backtest(...range, ...files, "--format=json", "rules.yml");
  const { rules: replayed, notifications } = JSON.parse(out) as {
    rules: readonly { evaluations: number }[];
    notifications: readonly { firing: readonly object[] }[];
  };
  expect(replayed[0]!.evaluations).toBe(60);
  expect(notifications[0]!.firing).toEqual([{ alertname: "High", cluster: "c1", zone: "z1" }]);
  writeFileSync(
    join(folder, "prometheus.yml"),
    config("", ", alert_relabel_configs: [{ regex: instance, action: labeldrop }]"),
  );
  const [status, , err] = await backtest(...range, ...files, "rules.yml");
  expect([status, err]).toEqual([
    1,
    expect.stringMatching(/^prometheus\.yml:4:\d+: the entries of alertmanagers have different alert_relabel_configs/),
  ]);
});

test("an Alertmanager's files with problems are reported with file and reason", async () => {
  writeFileSync(join(folder, "bad-am.yml"), ALERTMANAGER.replace("receiver: chat", "receiver: nobody"));
  const of = async (...args: string[]) => (await backtest(...range, ...args, "rules.yml")).with(1, "");
  expect(await of("--alertmanager.config=bad-am.yml")).toEqual([
    1,
    "",
    expect.stringMatching(/^bad-am\.yml:2:\d+: .*nobody/),
  ]);
  expect(await of("--silences=silences.json")).toEqual([1, "", "--silences needs --alertmanager.config\n"]);
  for (const [text, reason] of [
    ["{}", "not a list of silences; write it with amtool silence query -o json"],
    ["[", expect.stringMatching(/not JSON: /)],
    [
      silenceJson({ matchers: [{ name: "a", value: "(", isRegex: true }] }),
      expect.stringMatching(/silence 5c4b2a40-.*invalid regular expression/),
    ],
    [silenceJson({ endsAt: "soon" }), expect.stringMatching(/silence 5c4b2a40-/)],
  ] as const) {
    writeFileSync(join(folder, "bad.json"), text);
    const [status, , err] = await of("--alertmanager.config=am.yml", "--silences=bad.json");
    expect([status, err]).toEqual([1, typeof reason === "string" ? `bad.json: ${reason}\n` : reason]);
    expect(err).toMatch(/^bad\.json: /);
  }
});
