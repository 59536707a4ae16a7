import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, webex_configs: [{${fields}}]}`;
const AUTHORIZED = "http_config: {authorization: {credentials: token}}";

test("webex posts markdown with the bot's token", async () => {
  await using sink = await httpSink();
  const fields = `api_url: '${sink.url}/v1/messages', room_id: 'R{{ .Status }}', ${AUTHORIZED}`;
  expect(await deliverOnce(receiver(fields))).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect(request).toMatchObject({ method: "POST", url: "/v1/messages" });
  expect(request!.headers).toMatchObject({
    authorization: "Bearer token",
    "content-type": "application/json",
    "user-agent": "Alertmanager/0.34.0",
  });
  expect(request!.body).toBe(
    '{"markdown":"x \\u003cb\\u003e \\u0026 é\\n\\nAlerts Firing:\\nLabels:\\n - alertname = A b\\n - i = 1\\n - severity = critical\\n' +
      'Annotations:\\n - summary = x \\u003cb\\u003e \\u0026 é\\nSource: http://g/x?y=1\\u0026z=2\\n\\n\\n\\n","roomId":"Rfiring"}\n',
  );
});

test("webex uses the global URL, and omits an empty room", async () => {
  await using sink = await httpSink();
  const fields = `room_id: '{{ "" }}', message: m, ${AUTHORIZED}`;
  await deliverOnce(receiver(fields), { global: `{webex_api_url: '${sink.url}/global'}` });
  expect(sink.requests[0]).toMatchObject({ url: "/global", body: '{"markdown":"m"}\n' });
});

test.each([
  ["a".repeat(7439), "a".repeat(7439)],
  ["a".repeat(7440), `${"a".repeat(7436)}…`],
  ["é".repeat(3720), `${"é".repeat(3718)}…`],
  ["🔥".repeat(1860), `${"🔥".repeat(1859)}…`],
])("webex messages are cut to 7439 bytes, between code points (case %#)", async (message, sent) => {
  await using sink = await httpSink();
  await deliverOnce(receiver(`api_url: '${sink.url}', room_id: r, message: '${message}', ${AUTHORIZED}`));
  expect((JSON.parse(sink.requests[0]!.body) as { markdown: string }).markdown).toBe(sent);
});

test.each([
  [500, {}, { kind: "retry", failure: "serverError" }],
  [429, {}, { kind: "rejected", failure: "rateLimited" }],
  [429, { "retry-after": "60" }, { kind: "retry", failure: "rateLimited", retryAfterMs: 60_000 }],
  [401, {}, { kind: "rejected", failure: "authError" }],
] as const)("webex' answer of %d with %o", async (status, headers, outcome) => {
  await using sink = await httpSink({ status, headers, body: "why" });
  const reason = `unexpected status code ${status}: why`;
  expect(await deliverOnce(receiver(`api_url: '${sink.url}', room_id: r, ${AUTHORIZED}`))).toEqual({
    ...outcome,
    reason,
  });
});

test.each(["message", "room_id"])("an error in webex' %s refuses the notification", async (name) => {
  const fields = `api_url: 'http://127.0.0.1:1', ${name === "room_id" ? "" : "room_id: r, "}${name}: '{{ .Nope }}', ${AUTHORIZED}`;
  expect(await deliverOnce(receiver(fields))).toMatchObject({ kind: "rejected", failure: "other" });
});

test.each([
  [AUTHORIZED, "missing room_id on webex_config"],
  ["room_id: r", "missing webex_configs.http_config.authorization"],
  ["room_id: r, http_config: {follow_redirects: false}", "missing webex_configs.http_config.authorization"],
  [`room_id: r, api_url: 'ws://a', ${AUTHORIZED}`, 'unsupported scheme "ws" for URL'],
  [`room_id: r, title: a, ${AUTHORIZED}`, "field title not found in type config.plain"],
])("webex_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});

test("webex without any URL is refused", () => {
  expect(problemsOf(receiver(`room_id: r, ${AUTHORIZED}`), "{webex_api_url: null}").join("\n")).toContain(
    "no global Webex URL set",
  );
});
