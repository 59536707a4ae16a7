import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, discord_configs: [{${fields}}]}`;

const LIST =
  "Labels:\\n - alertname = A b\\n - i = 1\\n - severity = critical\\nAnnotations:\\n" +
  " - summary = x \\u003cb\\u003e \\u0026 é\\nSource: http://g/x?y=1\\u0026z=2\\n";

test("discord posts an embed in red while alerts fire", async () => {
  await using sink = await httpSink({ status: 204, body: "" });
  expect(await deliverOnce(receiver(`webhook_url: '${sink.url}/api/webhooks/1/t?wait=true'`))).toEqual({
    kind: "sent",
  });
  const [request] = sink.requests;
  expect(request).toMatchObject({ method: "POST", url: "/api/webhooks/1/t?wait=true" });
  expect(request!.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Alertmanager/0.34.0" });
  expect(request!.body).toBe(
    `{"content":"","embeds":[{"title":"[FIRING:1] A b (1 critical)","description":"\\n\\nAlerts Firing:\\n${LIST}\\n\\n\\n","color":10038562}]}\n`,
  );
});

test("discord posts in green when all alerts are resolved, with name and picture unchanged", async () => {
  await using sink = await httpSink();
  const fields = `webhook_url: '${sink.url}', content: '{{ .Status }}', username: '{{ x', avatar_url: 'http://a/<b>'`;
  await deliverOnce(receiver(fields), { notification: RESOLVED });
  expect(sink.requests[0]!.body).toBe(
    `{"content":"resolved","embeds":[{"title":"[RESOLVED] A b (1 critical)","description":"\\n\\n\\nAlerts Resolved:\\n${LIST}\\n\\n","color":3066993}],` +
      '"username":"{{ x","avatar_url":"http://a/\\u003cb\\u003e"}\n',
  );
});

test("discord texts are cut to Discord's limits, in code points", async () => {
  await using sink = await httpSink();
  const long = (points: number): string => "é🔥".repeat(points / 2);
  const fields = `webhook_url: '${sink.url}', title: '${long(258)}', message: '${long(4098)}', content: '${long(2002)}'`;
  await deliverOnce(receiver(fields));
  const { content, embeds } = JSON.parse(sink.requests[0]!.body) as {
    content: string;
    embeds: { title: string; description: string }[];
  };
  const cut = (points: number): string => `${long(points).slice(0, -2)}…`;
  expect([embeds[0]!.title, embeds[0]!.description, content]).toEqual([cut(256), cut(4096), cut(2000)]);
});

test.each([
  [500, {}, { kind: "retry", failure: "serverError" }],
  [429, {}, { kind: "rejected", failure: "rateLimited" }],
  [429, { "retry-after": "3" }, { kind: "retry", failure: "rateLimited", retryAfterMs: 3000 }],
  [403, {}, { kind: "rejected", failure: "authError" }],
  [400, {}, { kind: "rejected", failure: "clientError" }],
] as const)("discord's answer of %d with %o", async (status, headers, outcome) => {
  await using sink = await httpSink({ status, headers, body: "why" });
  const reason = `unexpected status code ${status}: why`;
  expect(await deliverOnce(receiver(`webhook_url: '${sink.url}'`))).toEqual({ ...outcome, reason });
});

test("discord does not retry after an error of a template", async () => {
  expect(await deliverOnce(receiver("webhook_url: 'http://127.0.0.1:1', title: '{{ .Nope }}'"))).toEqual({
    kind: "rejected",
    failure: "other",
    reason: 'template: :1:3: executing "" at <.Nope>: can\'t evaluate field Nope in type *template.Data',
  });
});

test.each([
  ["title: a", "one of webhook_url or webhook_url_file must be configured"],
  ["webhook_url: 'http://a', webhook_url_file: b", "at most one of webhook_url & webhook_url_file must be configured"],
  ["webhook_url: 'ftp://a'", 'unsupported scheme "ftp" for URL'],
  ["webhook_url: ''", 'unsupported scheme "" for URL'],
  ["webhook_url: 'http:///x'", "missing host for URL"],
  ["webhook_url: 'http:x'", "missing host for URL"],
  ["webhook_url: 'http://a', text: b", "field text not found in type discord.plain"],
])("discord_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
