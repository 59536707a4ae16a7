import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runAmtool } from "./main.ts";

const folder = temporaryFolder();
const config = join(folder, "am.yml");
const seen: { method: string; url: string; body: string }[] = [];

const SILENCE = {
  id: "11111111-1111-4111-8111-111111111111",
  status: { state: "active" },
  updatedAt: "2026-01-01T00:00:00.000Z",
  comment: "a <b>",
  createdBy: "me",
  endsAt: "2999-01-01T00:00:00.000Z",
  startsAt: "2026-01-01T00:00:00.000Z",
  matchers: [{ name: "alertname", value: "x", isRegex: false, isEqual: true }],
};

const ACKNOWLEDGEMENT = {
  fingerprint: "00000000000000aa",
  labels: { alertname: "Full", i: "1" },
  createdBy: "ann",
  comment: "on it",
  createdAt: "2026-01-01T00:00:00.000Z",
};

const ANSWERS: Record<string, unknown> = {
  "GET /base/api/v2/status": { versionInfo: { version: "0.34.7" }, cluster: { status: "disabled" } },
  "GET /base/api/v2/silences": [SILENCE],
  "POST /base/api/v2/silences": { silenceID: "new-id" },
  "GET /base/api/v2/alerts": [],
  "GET /base/api/v2/alerts?filter=alertname%3D%22Full%22": [
    { fingerprint: "00000000000000aa", labels: { alertname: "Full", i: "1" } },
  ],
  "GET /base/api/v2/narthex/acknowledgements": [ACKNOWLEDGEMENT],
  "POST /base/api/v2/narthex/alerts/00000000000000aa/acknowledgement": ACKNOWLEDGEMENT,
  "DELETE /base/api/v2/narthex/alerts/00000000000000aa/acknowledgement": {},
  "GET /base/api/v2/narthex/alerts/why": [],
  "POST /base/api/v2/narthex/alerts/why": {
    labels: { alertname: "foo", b: "c" },
    state: "unknown",
    sentences: ["No such alert is known."],
    refusals: ["Route x does not."],
  },
  "POST /base/api/v2/narthex/receivers/on%20call/test": {
    receiver: "on call",
    results: [
      { integration: { name: "webhook", index: 0 }, outcome: "sent", durationSeconds: 0.01 },
      { integration: { name: "email", index: 0 }, outcome: "failed", reason: "EOF", retried: true, durationSeconds: 1 },
    ],
  },
  "POST /base/api/v2/narthex/templates/render": { template: "t", html: false, output: "rendered" },
  "POST /base/api/v2/narthex/recurring-silences": { id: "rule" },
  "POST /base/api/v2/narthex/recurring-silences/preview": [
    { startsAt: "2026-01-04T00:00:00.000Z", endsAt: "2026-01-05T00:00:00.000Z" },
  ],
  "GET /base/api/v2/narthex/recurring-silences": [{ ...SILENCE, id: "rule", timeIntervals: ["{}"], next: [] }],
  "GET /base/api/v2/narthex/notifications": [
    {
      at: "2026-01-01T00:00:00.000Z",
      outcome: "sent",
      reason: "first notification",
      receiver: { name: "a" },
      integration: { name: "webhook", index: 0 },
      groupKey: "{}:{}",
      alertCount: 3,
      attemptCount: 1,
      attempts: [{ at: "2026-01-01T00:00:00.000Z", durationSeconds: 0.2, outcome: "sent" }],
    },
  ],
};

const server = createServer((request, response) => {
  void textOf(request).then((body) => {
    const path = request.url!.split("?")[0]!;
    seen.push({ method: request.method!, url: request.url!, body });
    const answer = ANSWERS[`${request.method} ${request.url}`] ?? ANSWERS[`${request.method} ${path}`];
    response.statusCode = answer === undefined ? 422 : 200;
    response.end(JSON.stringify(answer ?? {}));
  });
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

let url = "";

beforeAll(async () => {
  writeFileSync(
    config,
    `route:
  receiver: a
  routes:
    - matchers: [severity="critical"]
      receiver: b
      continue: true
    - matchers: [team=~"x|y"]
receivers: [{ name: a }, { name: b }]
`,
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `--alertmanager.url=http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
});

afterAll(() => void server.close());

async function amtool(...args: string[]) {
  const host = testHost(args, { env: { HOME: folder } });
  return { status: await runAmtool(host), ...host.output };
}

test("config routes show prints the routing tree", async () => {
  expect(await amtool("config", "routes", `--config.file=${config}`)).toEqual({
    status: 0,
    stderr: "",
    stdout: `Routing tree:
.
└── default-route  receiver: a
    ├── {severity="critical"}  continue: true  receiver: b
    └── {team=~"x|y"}  receiver: a

`,
  });
});

test("config routes test prints the receivers, and fails if other receivers were expected", async () => {
  const args = ["config", "routes", "test", `--config.file=${config}`, "severity=critical", "team=x"];
  expect(await amtool(...args)).toMatchObject({ status: 0, stdout: "b,a\n" });
  expect(await amtool(...args, "--verify.receivers=b,a")).toMatchObject({ status: 0 });
  expect(await amtool(...args, "--verify.receivers=b")).toMatchObject({ status: 1 });
});

test("check-config prints what it found, and problems with place and reason", async () => {
  const bad = join(folder, "bad.yml");
  writeFileSync(bad, "route: {}\nreceivers: [{ name: a }]\n");
  const { status, stdout, stderr } = await amtool("check-config", config, bad);
  expect(status).toBe(1);
  expect(stdout).toContain(`Checking '${config}'  SUCCESS\nFound:\n - global config\n - route\n - 0 inhibit rules\n`);
  expect(stdout).toContain(`Checking '${bad}'  FAILED: root route must specify a default receiver\n`);
  expect(stderr).toContain(`${bad}:1:8: root route must specify a default receiver; `);
  expect(stderr).toContain("amtool: error: failed to validate 1 file(s)\n\n");
});

test("alert query requests active alerts below the URL's path; an argument without an operator is the alert's name", async () => {
  expect(await amtool("alert", "foo", url)).toMatchObject({
    status: 0,
    stdout: "Alertname  Starts At  Summary  State  \n",
    stderr: "",
  });
  expect(seen.at(-1)!.url).toBe(
    "/base/api/v2/alerts?active=true&filter=alertname%3D%22foo%22&inhibited=false&silenced=false&unprocessed=false",
  );
});

test("silence query prints a table, JSON and ids", async () => {
  const { stdout } = await amtool("silence", url);
  expect(stdout.split("\n")[1]).toBe(`${SILENCE.id}  alertname="x"  2999-01-01 00:00:00 UTC  me          a <b>    `);
  expect((await amtool("silence", "-q", url)).stdout).toBe(`${SILENCE.id}\n`);
  expect(JSON.parse((await amtool("silence", "-o", "json", url)).stdout)).toEqual([SILENCE]);
});

test("silence add posts matchers and prints the id; settings files set flags", async () => {
  writeFileSync(join(folder, "s.json"), JSON.stringify([SILENCE]));
  const { stdout } = await amtool("silence", "add", "foo", "b=~c.*", "-c", "why", "-a", "me", "-d", "2h", url);
  expect(stdout).toBe("new-id\n");
  const body = JSON.parse(seen.at(-1)!.body) as { startsAt: string; endsAt: string; matchers: unknown };
  expect(Date.parse(body.endsAt) - Date.parse(body.startsAt)).toBe(7_200_000);
  expect(body.matchers).toEqual([
    { name: "alertname", value: "foo", isRegex: false, isEqual: true },
    { name: "b", value: "c.*", isRegex: true, isEqual: true },
  ]);
  expect(await amtool("silence", "add", "foo", url)).toMatchObject({
    status: 1,
    stderr: "amtool: error: comment required by config\n\n",
  });
  expect(await amtool("silence", "import", join(folder, "s.json"), url)).toMatchObject({ stdout: "new-id\n" });
});

test("a command that needs an Alertmanager reports a missing address, and an error answer is printed in upstream's words", async () => {
  expect((await amtool("alert")).stderr).toBe("amtool: error: required flag --alertmanager.url not provided\n");
  expect((await amtool("silence", "expire", "nope", url)).stderr).toBe(
    "amtool: error: [DELETE /silence/{silenceID}] deleteSilence (status 422): {}\n\n",
  );
});

test("alert why explains alerts, and the result for labels that no alert has", async () => {
  expect(await amtool("alert", "why", "foo", "b=c", "--routes", url)).toMatchObject({
    status: 0,
    stdout: 'alertname="foo" b="c"  unknown\n  No such alert is known.\n  Route x does not.\n',
  });
  expect(seen.at(-1)).toMatchObject({ method: "POST", body: '{"labels":{"alertname":"foo","b":"c"}}' });
  expect(await amtool("alert", "why", "foo", "b=~c", url)).toMatchObject({
    status: 1,
    stderr: "amtool: error: no alert matches\n\n",
  });
});

test("alert ack acknowledges the matching alerts, alert acknowledged lists them, and alert unack withdraws", async () => {
  const shown = '00000000000000aa  alertname="Full" i="1"';
  expect(await amtool("alert", "ack", "Full", "-c", "on it", "-a", "ann", url)).toEqual({
    status: 0,
    stdout: `${shown}  acknowledged by ann\n`,
    stderr: "",
  });
  expect(JSON.parse(seen.at(-1)!.body)).toEqual({ createdBy: "ann", comment: "on it", replace: false });
  expect((await amtool("alert", "acknowledged", url)).stdout).toBe(
    'Labels                  By   Since                    Comment  \nalertname="Full" i="1"  ann  2026-01-01 00:00:00 UTC  on it    \n',
  );
  expect((await amtool("alert", "unack", "Full", url)).stdout).toBe(`${shown}  no longer acknowledged\n`);
  expect(seen.at(-1)).toMatchObject({ method: "DELETE" });
  expect((await amtool("alert", "ack", "Other", url)).stderr).toBe("amtool: error: no alert matches\n\n");
  for (const command of ["ack", "unack"]) {
    expect((await amtool("alert", command, url)).stderr).toBe("amtool: error: no matchers specified\n\n");
  }
});

test("notification query shows which receivers were notified", async () => {
  const { stdout } = await amtool("notification", "foo", "-r", "a", "--since=2026-01-01T00:00:00Z", url);
  expect(stdout.split("\n")[1]).toBe(
    "2026-01-01 00:00:00 UTC  a/webhook[0]  {}:{}  3       first notification  1         sent     ",
  );
  expect(seen.at(-1)!.url).toBe(
    "/base/api/v2/narthex/notifications?filter=alertname%3D%22foo%22&receiver=a&since=2026-01-01T00%3A00%3A00Z&limit=100",
  );
});

test("silence recurring adds rules from flags or YAML, previews and lists them", async () => {
  const times = ["--weekdays=saturday,sunday", "--times=22:00-24:00", "--location=Europe/Berlin"];
  const add = ["silence", "recurring", "add"];
  expect(
    await amtool(...add, "foo", "-c", "why", "-a", "me", "--interval={months: ['1']}", ...times, url),
  ).toMatchObject({
    stdout: "rule\n",
  });
  expect(JSON.parse(seen.at(-1)!.body)).toEqual({
    matchers: [{ name: "alertname", value: "foo", isRegex: false, isEqual: true }],
    timeIntervals: [
      "{months: ['1']}",
      {
        weekdays: ["saturday", "sunday"],
        times: [{ start_time: "22:00", end_time: "24:00" }],
        location: "Europe/Berlin",
      },
    ],
    createdBy: "me",
    comment: "why",
  });
  expect((await amtool(...add, "--preview", ...times, url)).stdout).toBe(
    "2026-01-04 00:00:00 UTC - 2026-01-05 00:00:00 UTC\n",
  );
  expect((await amtool(...add, "foo", "-c", "why", url)).stderr).toContain("no time interval specified");
  expect((await amtool("silence", "recurring", url)).stdout.split("\n")[1]).toMatch(/^rule {2}alertname="x" {2}never/);
});

test("template render shows a sample notification", async () => {
  writeFileSync(join(folder, "a.tmpl"), '{{ define "t" }}{{ .Status }} {{ len .Alerts.Firing }}{{ end }}');
  const args = ["template", "render", `--template.glob=${join(folder, "*.tmpl")}`];
  expect((await amtool(...args, '--template.text={{ template "t" . }}')).stdout).toBe("alertstatus 1");
  expect((await amtool(...args)).stderr).toBe("amtool: error: required flag(s) '--template.text' not provided\n\n");
});

test("receiver test prints the result of each integration, and fails if one of them fails", async () => {
  const { status, stdout, stderr } = await amtool("receiver", "test", url, "on call", "team=shop", "--annotation=a=b");
  expect(status).toBe(1);
  expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["webhook[0]", "sent", "0.01s"],
    ["email[0]", "failed", "1s", "EOF (a notification would be retried)"],
    [""],
  ]);
  expect(stderr).toContain("1 of 2 integrations failed");
  expect(JSON.parse(seen.at(-1)!.body)).toEqual({ labels: { team: "shop" }, annotations: { a: "b" } });
});

test("template preview prints the rendering", async () => {
  expect(await amtool("template", "preview", url, "{{ .Status }}")).toMatchObject({ status: 0, stdout: "rendered\n" });
  await amtool("template", "preview", url, "--receiver=a", "--field=title", "--group={}:{}");
  expect(JSON.parse(seen.at(-1)!.body)).toEqual({ receiver: "a", index: 0, field: "title", groupKey: "{}:{}" });
});
