import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeYaml, printYaml } from "@narthex/config";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { hasOpenssl } from "@narthex/tls/testing";
import { expect, test } from "vitest";
import { pagerDutySection } from "./pagerduty-section.ts";
import { httpSink } from "../testing/http-sink.ts";
import { KEY_HASH, NOTIFICATION, RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";
import { outcomeOf, shown } from "../testing/outcome.ts";
import { proxySink } from "../testing/proxy-sink.ts";

const receiver = (fields: string): string => `{name: all, pagerduty_configs: [{${fields}}]}`;

const LINK = "http://vm:19093/#/alerts?receiver=all";

const ALERT =
  '{"annotations":{"summary":"x \\u003cb\\u003e \\u0026 é"},"endsAt":"0001-01-01T00:00:00Z","fingerprint":"d7c1dfd45bd2d6f7",' +
  '"generatorURL":"http://g/x?y=1\\u0026z=2","labels":{"alertname":"A b","i":"1","severity":"critical"},' +
  '"startsAt":"2026-11-20T06:41:19.951Z","status":"firing"}';

test("version 2 of the Events API gets a trigger with the alerts as JSON among its details", async () => {
  await using sink = await httpSink({ status: 202 });
  const fields = `url: '${sink.url}/v2/enqueue', routing_key: RK, severity: critical, links: [{href: 'http://l', text: L}]`;
  expect(await deliverOnce(receiver(fields))).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect([request!.method, request!.url]).toEqual(["POST", "/v2/enqueue"]);
  expect(request!.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Alertmanager/0.34.0",
  });
  expect(request!.body).toBe(
    `{"routing_key":"RK","dedup_key":"${KEY_HASH}","event_action":"trigger","payload":{"summary":"[FIRING:1] A b (1 critical)",` +
      `"source":"Alertmanager","severity":"critical","custom_details":{"firing":[${ALERT}],"num_firing":1,"num_resolved":0,"resolved":[]}},` +
      `"client":"Alertmanager","client_url":"${LINK}","links":[{"href":"http://l","text":"L"}]}\n`,
  );
});

test("a resolved group is resolved with the same key, and its severity is error unless set", async () => {
  await using sink = await httpSink({ status: 202 });
  await deliverOnce(receiver(`url: '${sink.url}', routing_key: RK, details: {firing: '', resolved: ''}`), {
    notification: RESOLVED,
  });
  expect(sink.requests[0]!.body).toBe(
    `{"routing_key":"RK","dedup_key":"${KEY_HASH}","event_action":"resolve","payload":{"summary":"[RESOLVED] A b (1 critical)",` +
      `"source":"Alertmanager","severity":"error","custom_details":{"firing":null,"num_firing":0,"num_resolved":1,"resolved":null}},` +
      `"client":"Alertmanager","client_url":"${LINK}"}\n`,
  );
});

test("fields are templates, and images and links without a target are dropped", async () => {
  await using sink = await httpSink({ status: 202 });
  const fields =
    "routing_key: '{{ .Status }}', class: '{{ .Receiver }}', component: c, group: g, source: s, client: '', client_url: ''," +
    "images: [{src: '{{ .Nope }}'}], links: [{href: '{{ .CommonLabels.nope }}', text: t}]";
  const images = fields.replace("{{ .Nope }}", "{{ .CommonLabels.nope }}");
  await deliverOnce(receiver(`url: '${sink.url}', ${images}`));
  const { payload, ...event } = JSON.parse(sink.requests[0]!.body) as { payload: Record<string, unknown> };
  expect(event).toEqual({ routing_key: "firing", dedup_key: KEY_HASH, event_action: "trigger" });
  expect(payload).toMatchObject({ source: "s", class: "all", component: "c", group: "g" });
  expect(shown(await deliverOnce(receiver(`url: '${sink.url}', ${fields}`)))).toContain(
    "rejected other: failed to template PagerDuty v2 message: template: ",
  );
});

test("details have the YAML values of their rendered texts, at any depth", async () => {
  await using sink = await httpSink({ status: 202 });
  const details =
    "{firing: '', resolved: '', n: '{{ .Alerts | len }}', '{{ .Status }}': key, deep: {b: ['{{ .Status }}', 3, 1.5, true, null], a: 'yes'}}";
  await deliverOnce(receiver(`url: '${sink.url}', routing_key: RK, details: ${details}`));
  const body = JSON.parse(sink.requests[0]!.body) as { payload: { custom_details: unknown } };
  expect(body.payload.custom_details).toEqual({
    firing: null,
    resolved: null,
    num_firing: 1,
    num_resolved: 0,
    n: 1,
    // As in Alertmanager, the names of details are not templates.
    "{{ .Status }}": "key",
    deep: { a: true, b: ["firing", 3, 1.5, true, null] },
  });
});

test("values of the alerts are not rendered or read as YAML again", async () => {
  await using sink = await httpSink({ status: 202 });
  const [alert] = NOTIFICATION.alerts;
  const alerts = [{ ...alert!, annotations: Labels.of({ summary: "{{ .Nope }} a: b", n: "1" }) }];
  expect(
    await deliverOnce(receiver(`url: '${sink.url}', routing_key: RK`), { notification: { ...NOTIFICATION, alerts } }),
  ).toEqual({
    kind: "sent",
  });
  expect(sink.requests[0]!.body).toContain('"annotations":{"n":"1","summary":"{{ .Nope }} a: b"}');
});

test("a summary has at most 1024 characters, an event at most 512000 bytes", async () => {
  await using sink = await httpSink({ status: 202 });
  const [alert] = NOTIFICATION.alerts;
  const long = { ...alert!, annotations: Labels.of({ summary: "é".repeat(300_000) }) };
  const fields = `url: '${sink.url}', routing_key: RK, description: '{{ .CommonAnnotations.summary }}'`;
  await deliverOnce(receiver(fields), { notification: { ...NOTIFICATION, alerts: [long] } });
  const { payload } = JSON.parse(sink.requests[0]!.body) as { payload: { summary: string; custom_details: unknown } };
  expect(payload.summary).toBe(`${"é".repeat(1023)}…`);
  expect(payload.custom_details).toEqual({
    error: "Custom details have been removed because the original event exceeds the maximum size of 512KB",
  });
});

test.skipIf(!hasOpenssl())("a service key is sent to version 1, whose address is not configurable", async () => {
  await using proxy = await proxySink();
  const fields = `service_key: SK, details: {firing: x, resolved: ''}, url: 'http://unused', ${proxy.section}`;
  await deliverOnce(receiver(fields));
  await deliverOnce(receiver(fields), { notification: RESOLVED });
  expect(proxy.requests.map(({ url }) => url)).toEqual([
    "https://events.pagerduty.com/generic/2010-04-15/create_event.json",
    "https://events.pagerduty.com/generic/2010-04-15/create_event.json",
  ]);
  expect(proxy.requests[0]!.body).toBe(
    `{"service_key":"SK","incident_key":"${KEY_HASH}","event_type":"trigger","description":"[FIRING:1] A b (1 critical)",` +
      `"event_action":"","payload":null,"client":"Alertmanager","client_url":"${LINK}",` +
      `"details":{"firing":"x","num_firing":1,"num_resolved":0,"resolved":null}}\n`,
  );
  expect(proxy.requests[1]!.body).toBe(
    `{"service_key":"SK","incident_key":"${KEY_HASH}","event_type":"resolve","description":"[RESOLVED] A b (1 critical)",` +
      `"event_action":"","payload":null,"details":{"firing":"x","num_firing":0,"num_resolved":1,"resolved":null}}\n`,
  );
});

const v2 = (url: string): string => receiver(`url: '${url}', routing_key: RK`);
const WRONG = '{"status":"invalid event","message":"Event object is invalid","errors":["a","b"]}';

test.each([
  [{ status: 400, body: WRONG }, "rejected clientError: unexpected status code 400: Event object is invalid: a,b"],
  [{ status: 400, body: "no JSON" }, "rejected clientError: unexpected status code 400"],
  [{ status: 403, body: "no" }, "rejected authError: unexpected status code 403"],
  [{ status: 429, body: "slow" }, "retry rateLimited: unexpected status code 429"],
  [{ status: 429, headers: { "retry-after": "7" } }, "retry after 7000 ms rateLimited: unexpected status code 429"],
  [{ status: 500, body: "x" }, "retry serverError: unexpected status code 500"],
])("version 2's answer %j is %s", async (answer, outcome) => {
  expect(await outcomeOf(answer, v2)).toBe(outcome);
});

test.skipIf(!hasOpenssl()).each([
  [403, "retry authError: unexpected status code 403"],
  [429, "rejected rateLimited: unexpected status code 429"],
])("version 1's answer %d is %s", async (status, outcome) => {
  await using proxy = await proxySink({ status });
  expect(shown(await deliverOnce(receiver(`service_key: SK, ${proxy.section}`)))).toBe(outcome);
});

test("keys in files are read for each event, and an empty or missing one is refused", async () => {
  await using sink = await httpSink({ status: 202 });
  const folder = temporaryFolder();
  const path = join(folder, "key");
  const send = async (): Promise<string> =>
    shown(await deliverOnce(receiver(`url: '${sink.url}', routing_key_file: '${path}'`)));
  expect(await send()).toBe(
    `rejected other: failed to read routing key from file: open ${path}: no such file or directory`,
  );
  await writeFile(path, " first\n");
  await send();
  await writeFile(path, "{{ .Status }}");
  await send();
  await writeFile(path, "\n");
  expect(await send()).toBe("rejected other: routing key cannot be empty");
  const keys = sink.requests.map(({ body }) => (JSON.parse(body) as { routing_key: string }).routing_key);
  expect(keys).toEqual(["first", "firing"]);
});

test("a service that does not answer in time is tried again, and no URL is reported", async () => {
  await using sink = await httpSink(() => undefined);
  const outcome = await deliverOnce(receiver(`url: '${sink.url}/secret', routing_key: RK, timeout: 20ms`));
  expect(shown(outcome)).toBe(
    'retry contextDeadlineExceeded: failed to post message to PagerDuty: Post "<redacted>": configured pagerduty timeout reached (20ms)',
  );
});

test.each([
  ["url: 'http://a'", "missing service or routing key in PagerDuty config"],
  ["routing_key: a, routing_key_file: b", "at most one of routing_key & routing_key_file must be configured"],
  ["service_key: a, service_key_file: b", "at most one of service_key & service_key_file must be configured"],
  ["routing_key: a, url: 'ftp://a'", 'unsupported scheme "ftp" for URL'],
  ["routing_key: a, links: [{to: b}]", "field to not found in type pagerduty.PagerdutyLink"],
])("pagerduty_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});

test("the section is printed with its defaults and without its keys", () => {
  const decoded = decodeYaml("{routing_key: secret, details: {z: 1, a: b}}", "am.yml", pagerDutySection);
  expect(decoded.ok && printYaml(pagerDutySection.encode(decoded.value))).toBe(`send_resolved: true
routing_key: <secret>
client: '{{ template "pagerduty.default.client" . }}'
client_url: '{{ template "pagerduty.default.clientURL" . }}'
description: '{{ template "pagerduty.default.description" .}}'
details:
  a: b
  firing: '{{ .Alerts.Firing | toJson }}'
  num_firing: '{{ .Alerts.Firing | len }}'
  num_resolved: '{{ .Alerts.Resolved | len }}'
  resolved: '{{ .Alerts.Resolved | toJson }}'
  z: 1
source: '{{ template "pagerduty.default.client" . }}'
timeout: 0s
`);
});
