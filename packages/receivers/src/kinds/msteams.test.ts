import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, msteams_configs: [{${fields}}]}`;

test("msteams posts a MessageCard", async () => {
  await using sink = await httpSink({ body: "1" });
  expect(await deliverOnce(receiver(`webhook_url: '${sink.url}/webhookb2/x'`))).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect(request).toMatchObject({ method: "POST", url: "/webhookb2/x" });
  expect(request!.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Alertmanager/0.34.0" });
  expect(request!.body).toBe(
    '{"@context":"http://schema.org/extensions","type":"MessageCard","title":"[FIRING:1] A b (1 critical)","summary":"[FIRING:1] A b (1 critical)",' +
      '"text":"\\n\\n# Alerts Firing:\\n\\nLabels:\\n  - alertname = A b\\n  - i = 1\\n  - severity = critical\\n\\nAnnotations:\\n' +
      '  - summary = x \\u003cb\\u003e \\u0026 é\\n\\nSource: http://g/x?y=1\\u0026z=2\\n\\n\\n\\n\\n","themeColor":"8C1A1A"}\n',
  );
});

test("msteams posts in green when all alerts are resolved, and renders templates in texts", async () => {
  await using sink = await httpSink();
  const fields = `webhook_url: '${sink.url}', title: '', summary: s, text: '{{ .Status }}'`;
  await deliverOnce(receiver(fields), { notification: RESOLVED });
  expect(sink.requests[0]!.body).toBe(
    '{"@context":"http://schema.org/extensions","type":"MessageCard","title":"","summary":"s","text":"resolved","themeColor":"2DC72D"}\n',
  );
});

test.each([
  [503, "retry", "serverError"],
  [429, "rejected", "rateLimited"],
  [413, "rejected", "clientError"],
] as const)("msteams' answer of %d is %s as %s", async (status, kind, failure) => {
  await using sink = await httpSink({ status, body: "" });
  const reason = `unexpected status code ${status}`;
  expect(await deliverOnce(receiver(`webhook_url: '${sink.url}'`))).toEqual({ kind, failure, reason });
});

test.each(["title", "summary", "text"])("an error in msteams' %s refuses the notification", async (name) => {
  const fields = `webhook_url: 'http://127.0.0.1:1', ${name}: '{{ .Nope }}'`;
  expect(await deliverOnce(receiver(fields))).toMatchObject({ kind: "rejected", failure: "other" });
});

test.each([
  ["title: a", "one of webhook_url or webhook_url_file must be configured"],
  ["webhook_url: 'http://a', webhook_url_file: b", "at most one of webhook_url & webhook_url_file must be configured"],
  ["webhook_url: 'http://a', content: b", "field content not found in type msteams.plain"],
])("msteams_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
