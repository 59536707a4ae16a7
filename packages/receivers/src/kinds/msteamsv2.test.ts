import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, msteamsv2_configs: [{${fields}}]}`;

const card = (title: string, text: string, color: string): string =>
  '{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,' +
  '"content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.2",' +
  `"body":[{"type":"TextBlock","text":"${title}","weight":"Bolder","size":"Medium","wrap":true,"style":"heading","color":"${color}"},` +
  `{"type":"TextBlock","text":"${text}","wrap":true}],"msteams":{"width":"full"}}}]}\n`;

test("msteamsv2 posts an adaptive card", async () => {
  await using sink = await httpSink({ status: 202, body: "" });
  expect(await deliverOnce(receiver(`webhook_url: '${sink.url}/workflows/x?sig=1'`))).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect(request).toMatchObject({ method: "POST", url: "/workflows/x?sig=1" });
  expect(request!.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Alertmanager/0.34.0" });
  const text =
    "\\n\\n# Alerts Firing:\\n\\nLabels:\\n  - alertname = A b\\n  - i = 1\\n  - severity = critical\\n\\nAnnotations:\\n" +
    "  - summary = x \\u003cb\\u003e \\u0026 é\\n\\nSource: http://g/x?y=1\\u0026z=2\\n\\n\\n\\n\\n";
  expect(request!.body).toBe(card("[FIRING:1] A b (1 critical)", text, "Attention"));
});

test("msteamsv2 uses the good style when all alerts are resolved, and renders templates in texts", async () => {
  await using sink = await httpSink();
  await deliverOnce(receiver(`webhook_url: '${sink.url}', title: '', text: '{{ .Status }}'`), {
    notification: RESOLVED,
  });
  expect(sink.requests[0]!.body).toBe(card("", "resolved", "Good"));
});

test("msteamsv2 uses the global proxy if its own HTTP settings name none", async () => {
  await using proxy = await httpSink();
  const global = `{http_config: {proxy_url: '${proxy.url}'}}`;
  const fields = "webhook_url: 'http://teams.example/hook', http_config: {follow_redirects: false}";
  expect(await deliverOnce(receiver(fields), { global })).toEqual({ kind: "sent" });
  expect(proxy.requests.map(({ url }) => url)).toEqual(["http://teams.example/hook"]);
});

test.each([
  [500, "retry", "serverError"],
  [400, "rejected", "clientError"],
] as const)("msteamsv2's answer of %d is %s as %s", async (status, kind, failure) => {
  await using sink = await httpSink({ status, body: "why" });
  const reason = `unexpected status code ${status}: why`;
  expect(await deliverOnce(receiver(`webhook_url: '${sink.url}'`))).toEqual({ kind, failure, reason });
});

test.each(["title", "text"])("an error in msteamsv2's %s refuses the notification", async (name) => {
  const fields = `webhook_url: 'http://127.0.0.1:1', ${name}: '{{ .Nope }}'`;
  expect(await deliverOnce(receiver(fields))).toMatchObject({ kind: "rejected", failure: "other" });
});

test.each([
  ["title: a", "one of webhook_url or webhook_url_file must be configured"],
  ["webhook_url: 'http://a', webhook_url_file: b", "at most one of webhook_url & webhook_url_file must be configured"],
  ["webhook_url: 'http://a', summary: b", "field summary not found in type msteamsv2.plain"],
])("msteamsv2_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
