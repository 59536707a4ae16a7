import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { testHost } from "@narthex/runtime/testing";
import { expect, test, vi } from "vitest";
import { main } from "./main.ts";
import { folderWith, hostFor, withAlertmanager } from "./testing/running-alertmanager.ts";

const CONFIG = "route: {receiver: a}\nreceivers: [{name: a}]\n";

/**
 * Starts the Alertmanager with an invalid configuration. Returns the error output. If the start succeeds unexpectedly,
 * the Alertmanager is stopped.
 */
async function refusedStart(config: string): Promise<string> {
  const host = hostFor(folderWith(config));
  host.requestStop();
  expect(await main(host)).toBe(1);
  return host.output.stderr;
}

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

const json = async (url: string): Promise<unknown> => (await fetch(url)).json();

test("a posted alert is listed, grouped, sent to a webhook and counted", async () => {
  const bodies: string[] = [];
  const sink = createServer((request, response) => {
    request.on("data", (part: Buffer) => bodies.push(part.toString()));
    request.on("end", () => response.end());
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  const { port } = sink.address() as AddressInfo;
  const config = `route: {receiver: hook, group_wait: 0s}\nreceivers: [{name: hook, webhook_configs: [{url: 'http://127.0.0.1:${port}'}]}]\n`;
  await withAlertmanager(hostFor(folderWith(config), ["--web.external-url=http://am:9093/"]), async (url) => {
    expect((await post(`${url}/api/v2/alerts`, [{ labels: { alertname: "A" } }])).status).toBe(200);
    const body = await vi.waitUntil(() => bodies[0]);
    expect(JSON.parse(body)).toMatchObject({ receiver: "hook", version: "4", externalURL: "http://am:9093" });
    expect(await json(`${url}/api/v2/alerts`)).toMatchObject([
      { labels: { alertname: "A" }, status: { state: "active" } },
    ]);
    expect(await json(`${url}/api/v2/alerts/groups`)).toMatchObject([{ receiver: { name: "hook" }, labels: {} }]);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('alertmanager_alerts_received_total{status="firing",version="v2"} 1\n');
    expect(metrics).toContain('alertmanager_notifications_total{integration="webhook"} 1\n');
    expect(metrics).toContain("alertmanager_config_last_reload_successful 1\n");
  });
  sink.close();
});

test("a silence survives a restart", async () => {
  const place = folderWith(CONFIG);
  const silence = {
    matchers: [{ name: "a", value: "b", isRegex: false }],
    startsAt: "2026-01-01T00:00:00Z",
    endsAt: "2999-01-01T00:00:00Z",
    createdBy: "me",
    comment: "c",
  };
  const id = await withAlertmanager(hostFor(place), async (url) => {
    const { silenceID } = (await (await post(`${url}/api/v2/silences`, silence)).json()) as { silenceID: string };
    return silenceID;
  });
  await withAlertmanager(hostFor(place), async (url) => {
    await post(`${url}/api/v2/alerts`, [{ labels: { a: "b" } }]);
    expect(await json(`${url}/api/v2/alerts`)).toMatchObject([{ status: { state: "suppressed", silencedBy: [id] } }]);
  });
});

test("with an invalid file the start fails, and the output contains the place of every problem", async () => {
  const printed = await refusedStart(
    "route:\n  receiver: b\n  group_by: ['...', x]\nreceivers:\n  - name: a\n    emial_configs: []\n",
  );
  expect(printed).toMatch(/alertmanager\.yml:3:\d+: .*cannot have wildcard group_by/);
  expect(printed).toMatch(/alertmanager\.yml:6:5: field emial_configs not found in type config\.plain/);
});

test.each([
  ["", "no route provided in config"],
  ["route: {receiver: b}\nreceivers: [{name: a}]", 'undefined receiver \\"b\\" used in route'],
  ["route: {}\nreceivers: [{name: a}]", "root route must specify a default receiver"],
  ["route: {receiver: a, matchers: [x=y]}\nreceivers: [{name: a}]", "root route must not have any matchers"],
  [
    "route: {receiver: a, routes: [{mute_time_intervals: [z]}]}\nreceivers: [{name: a}]",
    'undefined time interval \\"z\\" used in route',
  ],
  ["route: {receiver: a}\nreceivers: [{name: a}, {name: a}]", 'notification config name \\"a\\" is not unique'],
  ["route: {receiver: a, group_interval: 0s}\nreceivers: [{name: a}]", "group_interval cannot be zero"],
  ['route: {receiver: a, labels: {"": x}}\nreceivers: [{name: a}]', 'invalid label name \\"\\" in route labels'],
  [
    "route: {receiver: a}\nreceivers: [{name: a}]\ninhibit_rules: [{equal: ['']}]",
    'invalid label name \\"\\" in equal list',
  ],
])("the file %j is refused", async (config, message) => {
  expect(await refusedStart(config)).toContain(message);
});

test("a reload uses a valid file, and keeps the old configuration if the new file is invalid", async () => {
  const place = folderWith(CONFIG);
  await withAlertmanager(hostFor(place), async (url) => {
    writeFileSync(place.file, CONFIG.replace("name: a}", "name: a}, {name: second}"));
    expect((await fetch(`${url}/-/reload`, { method: "POST" })).status).toBe(200);
    expect(await json(`${url}/api/v2/receivers`)).toMatchObject([{ name: "a" }, { name: "second" }]);
    const ca = "webhook_configs: [{url: 'http://h', http_config: {tls_config: {ca_file: missing.pem}}}]";
    writeFileSync(place.file, CONFIG.replace("name: a}", `name: a, ${ca}}`));
    const noFile = await fetch(`${url}/-/reload`, { method: "POST" });
    expect(await noFile.text()).toMatch(
      /^failed to reload config: unable to read CA cert: .*missing\.pem: no such file/,
    );
    writeFileSync(place.file, "nonsense: true\n");
    const refused = await fetch(`${url}/-/reload`, { method: "POST" });
    expect([refused.status, await refused.text()]).toEqual([
      500,
      expect.stringMatching(/^failed to reload config: .*alertmanager\.yml:1:1: field nonsense not found/),
    ]);
    expect(await json(`${url}/api/v2/receivers`)).toMatchObject([{ name: "a" }, { name: "second" }]);
    expect(await (await fetch(`${url}/metrics`)).text()).toContain("alertmanager_config_last_reload_successful 0\n");
  });
});

test("templates are parsed, secrets are hidden, and a route prefix applies to all routes", async () => {
  const config = `route: {receiver: a}\ntemplates: ['*.tmpl']\nreceivers: [{name: a, pagerduty_configs: [{routing_key: k}, {routing_key: l}]}]\n`;
  const place = folderWith(config);
  writeFileSync(join(place.folder, "x.tmpl"), '{{ define "slack.default.title" }}ours{{ end }}');
  const host = hostFor(place, ["--web.route-prefix=/am"]);
  await withAlertmanager(host, async (url) => {
    expect(await (await fetch(`${url}/am/-/healthy`)).text()).toBe("OK");
    const locationOf = async (path: string) =>
      (await fetch(`${url}${path}`, { redirect: "manual" })).headers.get("location");
    expect(await locationOf("/")).toBe("/am");
    expect(await locationOf("/am")).toBe("/am/");
    expect(await locationOf("/am/api/v2?x=1")).toBe("/am/api/v2/?x=1");
    expect(await locationOf("/am//-/ready?x=1")).toBe("/am/-/ready?x=1");
    const status = (await json(`${url}/am/api/v2/status`)) as { config: { original: string } };
    expect(status.config.original).toContain("routing_key: <secret>");
  });
});

test("an invalid template, an unknown feature and an unknown flag make the start fail", async () => {
  const place = folderWith(`${CONFIG}templates: [x.tmpl]\n`);
  writeFileSync(join(place.folder, "x.tmpl"), "{{ nope }}");
  const host = hostFor(place);
  expect(await main(host)).toBe(1);
  expect(host.output.stderr).toContain('template: x.tmpl:1: function \\"nope\\" not defined');
  const feature = hostFor(folderWith(CONFIG), ["--enable-feature=nope"]);
  expect(await main(feature)).toBe(1);
  expect(feature.output.stderr).toContain("unknown option 'nope' for --enable-feature");
  const flag = testHost(["--storage.pth=x"]);
  expect(await main(flag)).toBe(1);
  expect(flag.output.stderr).toContain("alertmanager: error: unknown long flag '--storage.pth', try --help");
});

test("the notification history shows each attempt, and the history of an alert shows its events", async () => {
  const sink = createServer((request, response) => {
    request.resume().on("end", () => {
      response.statusCode = 400;
      response.end("no <thanks>");
    });
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  const { port } = sink.address() as AddressInfo;
  const config = `route: {receiver: hook, group_wait: 0s}\nreceivers: [{name: hook, webhook_configs: [{url: 'http://127.0.0.1:${port}'}]}]\n`;
  await withAlertmanager(hostFor(folderWith(config)), async (url) => {
    await post(`${url}/api/v2/alerts`, [{ labels: { alertname: "A", i: "1" } }]);
    const list = `${url}/api/v2/narthex/notifications`;
    let records: readonly Record<string, unknown>[] = [];
    while (records.length === 0) records = (await json(`${list}?filter=i%3D1&outcome=failed`)) as typeof records;
    expect(records[0]).toMatchObject({
      outcome: "failed",
      reason: "first notification",
      receiver: { name: "hook" },
      integration: { name: "webhook", index: 0 },
      alertCount: 1,
      attempts: [{ outcome: "rejected", failure: "clientError", reason: "unexpected status code 400: no <thanks>" }],
    });
    const [fingerprint] = (records[0]!["alerts"] as { firing: string[] }).firing;
    expect(await json(`${url}/api/v2/narthex/alerts/${fingerprint}/history`)).toMatchObject({
      labels: { alertname: "A", i: "1" },
      events: [{ event: "fired" }],
      notifications: [{ outcome: "failed" }],
    });
    expect(await json(`${list}?receiver=other`)).toEqual([]);
    expect(await json(`${list}?outcome=maybe`)).toBe(
      "failed to parse outcome param: write one of failed, interrupted, sending, sent",
    );
    expect((await fetch(`${url}/api/v2/narthex/alerts/0000000000000000/history`)).status).toBe(404);
  });
  sink.close();
});

test("a recurring silence can be created, previewed and expired, and its occurrence is an ordinary silence", async () => {
  const folder = folderWith(CONFIG);
  // Uses a day in the future, because a rule for today would create a silence that begins now instead of at midnight.
  const inThreeDays = new Date(Date.now() + 3 * 86_400_000);
  const weekday = inThreeDays.toLocaleDateString("en", { weekday: "long", timeZone: "Europe/Berlin" }).toLowerCase();
  const rule = {
    matchers: [{ name: "team", value: "db" }],
    timeIntervals: [{ weekdays: [weekday], location: "Europe/Berlin" }],
    createdBy: "me",
    comment: "backups",
  };
  let id = "";
  await withAlertmanager(hostFor(folder), async (url) => {
    const made = (await (await post(`${url}/api/v2/narthex/recurring-silences`, rule)).json()) as {
      id: string;
      next: readonly { silenceID: string; startsAt: string; endsAt: string }[];
    };
    id = made.id;
    expect(made).toMatchObject({ ...rule, matchers: [{ name: "team", value: "db", isRegex: false, isEqual: true }] });
    const [{ silenceID, startsAt, endsAt } = { silenceID: "" }] = made.next;
    expect(await json(`${url}/api/v2/silence/${silenceID}`)).toMatchObject({ startsAt, endsAt, comment: "backups" });
    const preview = await post(`${url}/api/v2/narthex/recurring-silences/preview?occurrences=1`, rule);
    expect(await preview.json()).toEqual([{ startsAt, endsAt }]);
    const refused = await post(`${url}/api/v2/narthex/recurring-silences`, {
      ...rule,
      timeIntervals: [{ weekdays: ["x"] }],
    });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      "invalid recurring silence: field weekdays: x is not a valid weekday; write one value, or two with a colon between",
    ]);
    expect((await post(`${url}/api/v2/narthex/recurring-silences`, { ...rule, comment: undefined })).status).toBe(422);
  });
  await withAlertmanager(hostFor(folder), async (url) => {
    const list = `${url}/api/v2/narthex/recurring-silences`;
    expect(await json(`${list}?occurrences=0`)).toMatchObject([{ id, next: [] }]);
    expect(await json(`${list}/${id}`)).toMatchObject({ id });
    const remove = async (): Promise<number> => (await fetch(`${list}/${id}`, { method: "DELETE" })).status;
    expect([await remove(), await remove(), await json(list)]).toEqual([200, 404, []]);
  });
});
