import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { KEY_HASH, NOTIFICATION, RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";
import { outcomeOf, shown } from "../testing/outcome.ts";

const receiver = (fields: string): string => `{name: all, opsgenie_configs: [{${fields}}]}`;

const SOURCE = '"source":"http://vm:19093/#/alerts?receiver=all"';

test("a firing group creates an alert with the group's alias", async () => {
  await using sink = await httpSink({ status: 202 });
  const global = `{opsgenie_api_url: '${sink.url}/ops', opsgenie_api_key: K}`;
  expect(await deliverOnce(receiver("details: {i: own, n: '{{ .Status }}'}"), { global })).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect([request!.method, request!.url]).toEqual(["POST", "/ops/v2/alerts"]);
  expect(request!.headers).toMatchObject({
    authorization: "GenieKey K",
    "content-type": "application/json",
    "user-agent": "Alertmanager/0.34.0",
  });
  expect(request!.body).toBe(
    `{"alias":"${KEY_HASH}","message":"[FIRING:1] A b (1 critical)","description":"x \\u003cb\\u003e \\u0026 é\\nAlerts Firing:\\n` +
      `Labels:\\n - alertname = A b\\n - i = 1\\n - severity = critical\\nAnnotations:\\n - summary = x \\u003cb\\u003e \\u0026 é\\n` +
      `Source: http://g/x?y=1\\u0026z=2\\n\\n","details":{"alertname":"A b","i":"own","n":"firing","severity":"critical"},${SOURCE}}\n`,
  );
});

test("a resolved group closes the alert", async () => {
  await using sink = await httpSink({ status: 202 });
  await deliverOnce(receiver(`api_url: '${sink.url}/?x=1', api_key: K, update_alerts: true`), {
    notification: RESOLVED,
  });
  expect(sink.requests).toHaveLength(1);
  expect(sink.requests[0]!.method).toBe("POST");
  expect(sink.requests[0]!.url).toBe(`/v2/alerts/${KEY_HASH}/close?identifierType=alias&x=1`);
  expect(sink.requests[0]!.body).toBe(`{${SOURCE}}\n`);
});

test("update_alerts also sets message and description of an existing alert", async () => {
  await using sink = await httpSink({ status: 202 });
  await deliverOnce(receiver(`api_url: '${sink.url}', api_key: K, update_alerts: true, message: m, description: ''`));
  expect(sink.requests.slice(1).map(({ method, url, body }) => [method, url, body])).toEqual([
    ["PUT", `/v2/alerts/${KEY_HASH}/message?identifierType=alias`, '{"message":"m"}\n'],
    ["PUT", `/v2/alerts/${KEY_HASH}/description?identifierType=alias`, "{}\n"],
  ]);
  expect(sink.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill("GenieKey K"));
});

test("a label value with braces in the name of a team is not used as a template", async () => {
  await using sink = await httpSink({ status: 202 });
  const labels = Labels.of({ alertname: "A", team: "{{ .ExternalURL }},b" });
  const notification = { ...NOTIFICATION, alerts: NOTIFICATION.alerts.map((alert) => ({ ...alert, labels })) };
  const fields = `api_url: '${sink.url}', api_key: K, responders: [{name: '{{ .CommonLabels.team }}', type: teams}]`;
  await deliverOnce(receiver(fields), { notification });
  expect((JSON.parse(sink.requests[0]!.body) as { responders: unknown }).responders).toEqual([
    { name: "{{ .ExternalURL }}", type: "team" },
    { name: "b", type: "team" },
  ]);
});

test("responders, tags and actions are templates, and lists are split at commas and keep their blanks", async () => {
  await using sink = await httpSink({ status: 202 });
  const fields =
    `api_url: '${sink.url}', api_key: '{{ .Status }}', details: {}, description: '', tags: ' a, b,,{{ .Status }} ', actions: ',', note: n, ` +
    "priority: P1, entity: e, responders: [{name: 'x,y', type: teams}, {id: '1', type: User}, " +
    "{name: '{{ .CommonLabels.nope }}', type: '{{ .CommonLabels.nope }}'}, {username: u, type: '{{ if true }}schedule{{ end }}'}]";
  await deliverOnce(receiver(fields));
  const { responders, tags, actions, note, priority, entity } = JSON.parse(sink.requests[0]!.body) as Record<
    string,
    unknown
  >;
  expect(responders).toEqual([
    { name: "x", type: "team" },
    { name: "y", type: "team" },
    { id: "1", type: "User" },
    { username: "u", type: "schedule" },
  ]);
  expect({ tags, actions, note, priority, entity }).toEqual({
    tags: ["a", " b", "firing"],
    actions: undefined,
    note: "n",
    priority: "P1",
    entity: "e",
  });
  expect(sink.requests[0]!.headers.authorization).toBe("GenieKey firing");
});

test("the key has precedence over the authorization of http_config", async () => {
  await using sink = await httpSink({ status: 202 });
  const global = "{http_config: {basic_auth: {username: u, password: p}}}";
  await deliverOnce(receiver(`api_url: '${sink.url}', api_key: K`), { global });
  expect(sink.requests[0]!.rawHeaders.filter((name) => name.toLowerCase() === "authorization")).toHaveLength(1);
  expect(sink.requests[0]!.headers.authorization).toBe("GenieKey K");
});

test("a message has at most 130 characters", async () => {
  await using sink = await httpSink({ status: 202 });
  const notification = { ...NOTIFICATION, groupLabels: Labels.of({ alertname: "𝛂".repeat(200) }) };
  await deliverOnce(receiver(`api_url: '${sink.url}', api_key: K`), { notification });
  const { message } = JSON.parse(sink.requests[0]!.body) as { message: string };
  expect([Array.from(message).length, message.at(-1)]).toEqual([130, "…"]);
});

test("the first request that fails ends the attempt", async () => {
  await using sink = await httpSink(({ method }) => ({ status: method === "PUT" ? 500 : 202, body: "why" }));
  const outcome = await deliverOnce(receiver(`api_url: '${sink.url}', api_key: K, update_alerts: true`));
  expect(shown(outcome)).toBe("retry serverError: unexpected status code 500: why");
  expect(sink.requests).toHaveLength(2);
});

test.each([
  [{ status: 429, body: "slow" }, "retry rateLimited: unexpected status code 429: slow"],
  [{ status: 429, headers: { "retry-after": "3" } }, "retry after 3000 ms rateLimited: unexpected status code 429: ok"],
  [{ status: 503, body: "" }, "retry serverError: unexpected status code 503"],
  [{ status: 422, body: "no" }, "rejected clientError: unexpected status code 422: no"],
  [{ status: 401, body: "who" }, "rejected authError: unexpected status code 401: who"],
])("the answer %j is %s", async (answer, outcome) => {
  expect(await outcomeOf(answer, (url) => receiver(`api_url: '${url}', api_key: K`))).toBe(outcome);
});

test.each([
  ["api_key: K, note: '{{ .Nope }}'", "templating error: template: "],
  ["api_key_file: /nowhere/key", "read key_file error: open /nowhere/key: no such file or directory"],
])("opsgenie_configs [{%s}] sends nothing", async (fields, reason) => {
  await using sink = await httpSink();
  expect(shown(await deliverOnce(receiver(`api_url: '${sink.url}', ${fields}`)))).toContain(
    `rejected other: ${reason}`,
  );
  expect(sink.requests).toEqual([]);
});

test.each([
  ["message: a", "{}", "no global OpsGenie API Key set either inline or in a file"],
  ["api_key: a, api_key_file: b", "{}", "at most one of api_key & api_key_file must be configured"],
  ["", "{opsgenie_api_key: a, opsgenie_api_key_file: b}", "at most one of opsgenie_api_key & opsgenie_api_key_file"],
  [
    "api_key: a, responders: [{type: team}]",
    "{}",
    "opsGenieConfig responder {   team} has to have at least one of id, username or name specified",
  ],
  [
    "api_key: a, responders: [{id: x, type: crowd}]",
    "{}",
    "opsGenieConfig responder {x   crowd} type does not match valid options ^(team|teams|user|escalation|schedule)$",
  ],
  [
    "api_key: a, responders: [{id: x, type: '{{ if }}'}]",
    "{}",
    "opsGenieConfig responder {x   {{ if }}} type contains invalid template syntax: ",
  ],
  ["api_key: a", "{opsgenie_api_url: nowhere}", 'unsupported scheme "" for URL'],
])("opsgenie_configs [{%s}] under global %s is refused", (fields, global, message) => {
  expect(problemsOf(receiver(fields), global).join("\n")).toContain(message);
});
