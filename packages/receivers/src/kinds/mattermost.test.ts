import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, mattermost_configs: [{${fields}}]}`;

test("mattermost posts one attachment with the list of alerts", async () => {
  await using sink = await httpSink();
  expect(await deliverOnce(receiver(`webhook_url: '${sink.url}/hooks/x', channel: town`))).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect(request).toMatchObject({ method: "POST", url: "/hooks/x" });
  expect(request!.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Alertmanager/0.34.0" });
  expect(request!.body).toBe(
    '{"channel":"town","username":"Alertmanager","attachments":[{"fallback":"[FIRING:1] A b (1 critical) | http://vm:19093/#/alerts?receiver=all","color":"danger",' +
      '"text":"\\n\\n# Alerts Firing:\\n\\nLabels:\\n  - alertname = A b\\n  - i = 1\\n  - severity = critical\\n\\nAnnotations:\\n  - summary = x \\u003cb\\u003e \\u0026 é\\n\\n' +
      'Source: http://g/x?y=1\\u0026z=2\\n\\n\\n\\n\\n","title":"[FIRING:1] A b (1 critical)","title_link":"http://vm:19093/#/alerts?receiver=all"}]}\n',
  );
});

test("mattermost sends every field of the entry as one attachment", async () => {
  await using sink = await httpSink();
  const fields =
    "username: '', text: '', title: '', title_link: '', fallback: '', color: '{{ .Status }}', pretext: p, author_name: n, author_link: l, author_icon: i, thumb_url: t, footer: f," +
    "footer_icon: fi, image_url: im, icon_url: iu, icon_emoji: ie, type: custom_x, props: {card: 'c {{ .Status }}'}," +
    "fields: [{title: a, value: '{{ .Status }}'}, {title: b, value: v, short: false}]";
  await deliverOnce(receiver(fields), { global: `{mattermost_webhook_url: '${sink.url}/g'}`, notification: RESOLVED });
  expect(sink.requests[0]!.url).toBe("/g");
  expect(sink.requests[0]!.body).toBe(
    '{"icon_url":"iu","icon_emoji":"ie","attachments":[{"color":"resolved","pretext":"p","author_name":"n","author_link":"l","author_icon":"i",' +
      '"fields":[{"title":"a","value":"resolved"},{"title":"b","value":"v","short":false}],"thumb_url":"t","footer":"f","footer_icon":"fi","image_url":"im"}],' +
      '"type":"custom_x","props":{"card":"c resolved"}}\n',
  );
});

test("mattermost puts the text above attachments that are configured", async () => {
  await using sink = await httpSink();
  const fields = `webhook_url: '${sink.url}', text: t, username: '', title: unused, attachments: [{text: '{{ .Status }}', fields: [{title: a, value: b, short: true}]}, {title: second}]`;
  await deliverOnce(receiver(fields));
  expect(sink.requests[0]!.body).toBe(
    '{"text":"t","attachments":[{"text":"firing","fields":[{"title":"a","value":"b","short":true}]},{"title":"second"}]}\n',
  );
});

test("mattermost's text above attachments is cut to 16383 code points", async () => {
  await using sink = await httpSink();
  const fields = `webhook_url: '${sink.url}', text: '${"é".repeat(16384)}', attachments: [{title: a}]`;
  await deliverOnce(receiver(fields));
  expect((JSON.parse(sink.requests[0]!.body) as { text: string }).text).toBe(`${"é".repeat(16382)}…`);
});

test.each([
  [
    "{priority: URGENT, requested_ack: true, persistent_notifications: true}",
    { priority: "urgent", requested_ack: true, persistent_notifications: true },
  ],
  [
    "{priority: important, requested_ack: true, persistent_notifications: true}",
    { priority: "important", requested_ack: true },
  ],
  ["{priority: standard, requested_ack: true, persistent_notifications: true}", { priority: "standard" }],
  ["{priority: high, requested_ack: true}", { priority: "standard" }],
  ['{priority: "{{ if eq .Status `firing` }}urgent{{ end }}"}', { priority: "urgent" }],
  ["{requested_ack: true}", undefined],
  ["{}", undefined],
])("mattermost's priority %s", async (priority, sent) => {
  await using sink = await httpSink();
  await deliverOnce(receiver(`webhook_url: '${sink.url}', priority: ${priority}`));
  expect((JSON.parse(sink.requests[0]!.body) as { priority?: unknown }).priority).toEqual(sent);
});

test.each(["props: {}", "props: {card: ''}"])("mattermost sends no %s", async (props) => {
  await using sink = await httpSink();
  await deliverOnce(receiver(`webhook_url: '${sink.url}', ${props}`));
  expect(JSON.parse(sink.requests[0]!.body)).not.toHaveProperty("props");
});

test.each([
  [500, {}, { kind: "retry", failure: "serverError" }],
  [429, {}, { kind: "rejected", failure: "rateLimited" }],
  [429, { "retry-after": "1" }, { kind: "retry", failure: "rateLimited", retryAfterMs: 1000 }],
  [400, {}, { kind: "rejected", failure: "clientError" }],
] as const)("mattermost's answer of %d with %o", async (status, headers, outcome) => {
  await using sink = await httpSink({ status, headers, body: "why" });
  const reason = `channel "a\\"b": unexpected status code ${status}: why`;
  expect(await deliverOnce(receiver(`webhook_url: '${sink.url}', channel: 'a"b'`))).toEqual({ ...outcome, reason });
});

test.each(["channel", "username", "text", "title", "footer", "type", "props: {card", "priority: {priority"])(
  "an error in mattermost's %s refuses the notification",
  async (name) => {
    const end = name.includes("{") ? "}" : "";
    const fields = `webhook_url: 'http://127.0.0.1:1', ${name}: '{{ .Nope }}'${end}`;
    expect(await deliverOnce(receiver(fields))).toMatchObject({ kind: "rejected", failure: "other" });
  },
);

test.each([
  ["channel: a", "missing webhook_url or webhook_url_file on mattermost_config"],
  ["webhook_url: 'http://a', webhook_url_file: b", "at most one of webhook_url & webhook_url_file must be configured"],
  ["webhook_url: 'http://a', fields: [{value: b}]", "missing title in Mattermost field configuration"],
  ["webhook_url: 'http://a', attachments: [{fields: [{title: b}]}]", "missing value in Mattermost field configuration"],
  ["webhook_url: 'http://a', props: {x: 1}", "field x not found in type mattermost.MattermostProps"],
  ["webhook_url: 'http://a', actions: []", "field actions not found in type mattermost.plain"],
])("mattermost_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
