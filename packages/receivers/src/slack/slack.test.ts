import { expect, test } from "vitest";
import { httpSink } from "../testing/http-sink.ts";
import { NOTIFICATION, deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, slack_configs: [{${fields}}]}`;

test("an incoming webhook gets the original's message", async () => {
  await using sink = await httpSink();
  const fields = "channel: '#c', fields: [{title: t, value: v}], actions: [{type: button, text: go, url: 'http://u'}]";
  expect(await deliverOnce(receiver(fields), { global: `slack_api_url: '${sink.url}/hook'` })).toEqual({
    kind: "sent",
  });
  const link = "http://vm:19093/#/alerts?receiver=all";
  expect(sink.requests[0]!.body).toBe(
    `{"channel":"#c","username":"Alertmanager","attachments":[{"title":"[FIRING:1] A b (1 critical)","title_link":"${link}",` +
      `"text":"","fallback":"[FIRING:1] A b (1 critical) | ${link}","callback_id":"","fields":[{"title":"t","value":"v","short":false}],` +
      `"actions":[{"type":"button","text":"go","url":"http://u"}],"footer":"","color":"danger","mrkdwn_in":["fallback","pretext","text"]}]}\n`,
  );
});

test("a token is sent to chat.postMessage of the Web API, with channel and text", async () => {
  await using sink = await httpSink({ type: "application/json", body: '{"ok":true,"ts":"12.3","channel":"C1"}' });
  const global = `{slack_app_token: xoxb-1, slack_app_url: '${sink.url}/api/chat.postMessage'}`;
  const fields = "channel: '#c', message_text: 'hello {{ .Status }}', update_message: true";
  expect(await deliverOnce(receiver(fields), { global })).toEqual({
    kind: "sent",
    data: { threadTs: "12.3", channelId: "C1" },
  });
  const [request] = sink.requests;
  expect(request!.url).toBe("/api/chat.postMessage");
  expect(request!.headers.authorization).toBe("Bearer xoxb-1");
  const form = new URLSearchParams(request!.body);
  expect([form.get("channel"), form.get("text")]).toEqual(["#c", "hello firing"]);
  expect(JSON.parse(form.get("attachments")!)).toMatchObject([
    { title: "[FIRING:1] A b (1 critical)", color: "danger" },
  ]);
});

test("update_message replaces the message of the last delivery, and starts again with the group", async () => {
  await using sink = await httpSink({ type: "application/json", body: '{"ok":true,"ts":"12.3","channel":"C1"}' });
  const global = `{slack_app_token: xoxb-1, slack_app_url: '${sink.url}/api/chat.postMessage'}`;
  const data = { threadTs: "12.3", channelId: "C1" };
  const fields = "channel: '#c', update_message: true";
  await deliverOnce(receiver(fields), { global, notification: { ...NOTIFICATION, data, reason: "new alerts added" } });
  await deliverOnce(receiver(fields), { global, notification: { ...NOTIFICATION, data } });
  expect(sink.requests.map(({ url }) => url)).toEqual(["/api/chat.update", "/api/chat.postMessage"]);
  expect(new URLSearchParams(sink.requests[0]!.body).get("ts")).toBe("12.3");
});

test.each([
  [200, "text/plain", "no_service", "rejected", 'channel "#c": received an error response from Slack: no_service'],
  [200, "application/json", '{"ok":false,"error":"bad"}', "rejected", 'channel "#c": error response from Slack: bad'],
  [200, "text/plain", "ok\n", "rejected", 'channel "#c": received an error response from Slack: ok\n'],
  [200, "application/json", "{", "retry", 'channel "#c": could not unmarshal JSON response "{": '],
  [429, "text/plain", "slow", "rejected", 'channel "#c": unexpected status code 429: slow'],
  [503, "text/plain", "later", "retry", 'channel "#c": unexpected status code 503: later'],
])("a webhook's answer %d %s %s is %s", async (status, type, body, kind, reason) => {
  await using sink = await httpSink({ status, type, body });
  const outcome = await deliverOnce(receiver(`channel: '#c', api_url: '${sink.url}'`));
  expect(outcome).toMatchObject({ kind, reason: expect.stringContaining(reason) as string });
});

test("429 with Retry-After is tried again after Slack's pause, by URL and by token", async () => {
  const answer = { status: 429, type: "application/json", body: '{"ok":false}', headers: { "retry-after": "7" } };
  await using sink = await httpSink(answer);
  const expected = { kind: "retry", failure: "rateLimited", retryAfterMs: 7000 };
  expect(await deliverOnce(receiver(`channel: c, api_url: '${sink.url}'`))).toMatchObject(expected);
  const app = `channel: c, app_token: t, app_url: '${sink.url}/api/chat.postMessage'`;
  expect(await deliverOnce(receiver(app))).toMatchObject(expected);
  expect(sink.requests).toHaveLength(2);
});

test("a message that cannot be replaced any more is posted again", async () => {
  await using sink = await httpSink({ type: "application/json", body: '{"ok":false,"error":"message_not_found"}' });
  const fields = `channel: '#c', update_message: true, app_token: t, app_url: '${sink.url}/api/chat.postMessage'`;
  const data = { threadTs: "12.3", channelId: "C1" };
  await deliverOnce(receiver(fields), { notification: { ...NOTIFICATION, data, reason: "new alerts added" } });
  expect(sink.requests.map(({ url }) => url)).toEqual(["/api/chat.update", "/api/chat.postMessage"]);
  expect(new URLSearchParams(sink.requests[1]!.body).has("ts")).toBe(false);
});

test("an app_url of another form is used unchanged", async () => {
  await using sink = await httpSink({ type: "application/json", body: '{"ok":true}' });
  await deliverOnce(receiver(`channel: c, app_token: t, app_url: '${sink.url}/proxy'`));
  expect(sink.requests[0]!.url).toBe("/proxy");
});

test("if a template fails, its field and the following ones are empty, as in the original", async () => {
  await using sink = await httpSink();
  const fields = `channel: c, api_url: '${sink.url}', text: '{{ .Foo }}'`;
  expect(await deliverOnce(receiver(fields))).toEqual({ kind: "sent" });
  expect(JSON.parse(sink.requests[0]!.body)).toMatchObject({
    attachments: [{ title: "[FIRING:1] A b (1 critical)", text: "", fallback: "" }],
  });
});

test.each([
  ["a webhook", (url: string) => `api_url: '${url}'`],
  ["the Web API", (url: string) => `app_token: t, app_url: '${url}/chat.postMessage'`],
])("%s that answers too late is tried again", async (_name, address) => {
  await using sink = await httpSink(() => undefined);
  expect(await deliverOnce(receiver(`channel: c, timeout: 50ms, ${address(sink.url)}`))).toMatchObject({
    kind: "retry",
    failure: "contextDeadlineExceeded",
    reason: expect.stringContaining('Post "<redacted>": configured slack timeout reached (50ms)') as string,
  });
});

test.each([
  [200, '{"ok":false,"error":"channel_not_found"}', "rejected", "error response from Slack: channel_not_found"],
  [500, "{}", "retry", "unexpected status code 500"],
])("the Web API's answer %d %s is %s", async (status, body, kind, reason) => {
  await using sink = await httpSink({ status, type: "application/json", body });
  const outcome = await deliverOnce(receiver(`channel: '#c', app_token: t, app_url: '${sink.url}/chat.postMessage'`));
  expect(outcome.kind).toBe(kind);
  expect(JSON.stringify(outcome)).toContain(reason);
});

test.each([
  [
    "api_url: 'http://a', update_message: true",
    "{}",
    "update_message can only be used with bot tokens. api_url must be set to https://slack.com/api/chat.postMessage",
  ],
  [
    "app_token: t",
    "{http_config: {authorization: {credentials: x}}}",
    "http authorization can't be set when using Slack App tokens",
  ],
  [
    "api_url: 'http://a', app_token: t",
    "{}",
    "at most one of api_url/api_url_file & app_token/app_token_file must be configured",
  ],
  ["channel: a", "{}", "no Slack API URL nor App token set either inline or in a file"],
  ["api_url: 'http://a', actions: [{type: button}]", "{}", "missing text in Slack action configuration"],
  ["api_url: 'http://a', api_url_file: b", "{}", "at most one of api_url & api_url_file must be configured"],
  [
    "channel: a",
    "{slack_api_url: 'http://a', slack_api_url_file: b}",
    "at most one of slack_api_url & slack_api_url_file",
  ],
  [
    "channel: a",
    "{slack_app_token: t, slack_api_url: 'http://a'}",
    "at most one of slack_app_token/slack_app_token_file",
  ],
])("slack_configs [{%s}] under global %s is refused", (fields, global, message) => {
  expect(problemsOf(receiver(fields), global).join("\n")).toContain(message);
});
