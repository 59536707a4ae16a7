import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { httpSink, type SinkAnswer, type ReceivedRequest } from "../testing/http-sink.ts";
import { deliverOnce, openReceiver, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, wechat_configs: [{${fields}}]}`;
const ACCOUNT = "api_secret: 's+e&', corp_id: 'c/{{ .Status }}'";

/** Starts a simulated WeChat server. It issues the access tokens t1, t2 … and responds to messages as configured. */
const wechat = (
  message: SinkAnswer | ((request: ReceivedRequest) => SinkAnswer) = { body: '{"errcode":0,"errmsg":"ok"}' },
) => {
  let tokens = 0;
  return httpSink((request) => {
    if (request.url.includes("/gettoken")) return { body: `{"access_token":"t${++tokens}","expires_in":7200}` };
    return typeof message === "function" ? message(request) : message;
  });
};

test("wechat gets a token, then posts a text", async () => {
  await using sink = await wechat();
  expect(await deliverOnce(receiver(`api_url: '${sink.url}/cgi-bin', ${ACCOUNT}`))).toEqual({ kind: "sent" });
  const [token, message] = sink.requests;
  expect(token).toMatchObject({
    method: "GET",
    url: "/cgi-bin/gettoken?corpid=c%2Ffiring&corpsecret=s%2Be%26",
    body: "",
  });
  expect(token!.headers).toMatchObject({ "user-agent": "Alertmanager/0.34.0" });
  expect(token!.headers).not.toHaveProperty("content-type");
  expect(message).toMatchObject({ method: "POST", url: "/cgi-bin/message/send?access_token=t1" });
  expect(message!.headers).toMatchObject({ "content-type": "application/json", "user-agent": "Alertmanager/0.34.0" });
  expect(message!.body).toBe(
    '{"text":{"content":"[FIRING:1] A b (1 critical)\\nx \\u003cb\\u003e \\u0026 é\\nAlerts Firing:\\nLabels:\\n - alertname = A b\\n - i = 1\\n' +
      " - severity = critical\\nAnnotations:\\n - summary = x \\u003cb\\u003e \\u0026 é\\nSource: http://g/x?y=1\\u0026z=2\\n\\n\\nAlertmanagerUrl:\\n" +
      'http://vm:19093/#/alerts?receiver=all"},"safe":"0","msgtype":"text","markdown":{"content":""}}\n',
  );
});

test("wechat posts markdown to the recipients of the templates", async () => {
  await using sink = await wechat();
  const whom = "to_user: 'u{{ .Status }}', to_party: p, to_tag: t, agent_id: '7'";
  await deliverOnce(receiver(`api_url: '${sink.url}/', message_type: markdown, message: m, ${whom}, ${ACCOUNT}`));
  expect(sink.requests[1]!.body).toBe(
    '{"text":{"content":""},"touser":"ufiring","toparty":"p","totag":"t","agentid":"7","safe":"0","msgtype":"markdown","markdown":{"content":"m"}}\n',
  );
});

test("wechat uses URL, secret and corporation of global", async () => {
  await using sink = await wechat();
  const global = `{wechat_api_url: '${sink.url}/g/', wechat_api_secret: gs, wechat_api_corp_id: gc}`;
  expect(await deliverOnce(receiver("message: m"), { global })).toEqual({ kind: "sent" });
  expect(sink.requests.map(({ url }) => url)).toEqual([
    "/g/gettoken?corpid=gc&corpsecret=gs",
    "/g/message/send?access_token=t1",
  ]);
});

test("wechat uses a token for two hours", async () => {
  await using sink = await wechat();
  const clock = new ManualClock();
  await using opened = await openReceiver(receiver(`api_url: '${sink.url}/', ${ACCOUNT}`), { clock });
  await opened.deliver();
  await clock.advance(2 * 60 * 60_000);
  await opened.deliver();
  await clock.advance(1);
  await opened.deliver();
  const used = sink.requests.flatMap(({ url }) => /access_token=(.*)/.exec(url)?.[1] ?? []);
  expect(used).toEqual(["t1", "t1", "t2"]);
});

test("wechat drops a token that is reported as expired, and tries again", async () => {
  await using sink = await wechat(({ url }) => ({
    body: url.endsWith("=t1") ? '{"errcode":42001,"errmsg":"access_token expired"}' : '{"errcode":0}',
  }));
  await using opened = await openReceiver(receiver(`api_url: '${sink.url}/', ${ACCOUNT}`));
  expect(await opened.deliver()).toEqual({ kind: "retry", failure: "other", reason: "access_token expired" });
  expect(await opened.deliver()).toEqual({ kind: "sent" });
});

test("wechat gets a new token for the next notification if the old one is reported as invalid", async () => {
  await using sink = await wechat(({ url }) => ({
    body: url.endsWith("=t1") ? '{"errcode":40014,"errmsg":"invalid access_token"}' : '{"errcode":0}',
  }));
  await using opened = await openReceiver(receiver(`api_url: '${sink.url}/', ${ACCOUNT}`));
  expect(await opened.deliver()).toEqual({ kind: "rejected", failure: "other", reason: "invalid access_token" });
  expect(await opened.deliver()).toEqual({ kind: "sent" });
});

test.each([
  [{ body: '{"errcode":40014,"errmsg":"invalid access_token"}' }, "rejected", "other", "invalid access_token"],
  [{ status: 500, body: "why" }, "retry", "serverError", "unexpected status code 500"],
  [{ status: 404, body: "why" }, "retry", "clientError", "unexpected status code 404"],
  [{ body: "<html>" }, "retry", "other", "the answer is not JSON: <html>"],
] as const)("wechat's answer %j", async (answer, kind, failure, reason) => {
  await using sink = await wechat(answer);
  expect(await deliverOnce(receiver(`api_url: '${sink.url}/', ${ACCOUNT}`))).toEqual({ kind, failure, reason });
});

test("wechat waits for the pause of a 429", async () => {
  await using sink = await wechat({ status: 429, headers: { "retry-after": "2" } });
  expect(await deliverOnce(receiver(`api_url: '${sink.url}/', ${ACCOUNT}`))).toMatchObject({ retryAfterMs: 2000 });
});

test("wechat does not retry without a token, and reports the service's message", async () => {
  await using sink = await httpSink({ body: '{"errcode":40001,"errmsg":"invalid credential"}' });
  expect(await deliverOnce(receiver(`api_url: '${sink.url}/', api_secret: s, corp_id: c`))).toEqual({
    kind: "rejected",
    failure: "other",
    reason: "invalid APISecret for CorpID: c: invalid credential",
  });
  expect(sink.requests).toHaveLength(1);
});

test("wechat tries again if its token server is unreachable, but not after an unreadable secret or an error of a template", async () => {
  const gone = await deliverOnce(receiver(`api_url: 'http://127.0.0.1:1/', ${ACCOUNT}`));
  expect(gone).toMatchObject({ kind: "retry" });
  expect(JSON.stringify(gone)).not.toContain("corpsecret");
  expect(
    await deliverOnce(receiver("api_url: 'http://127.0.0.1:1/', api_secret_file: /nowhere/s, corp_id: c")),
  ).toEqual({
    kind: "rejected",
    failure: "other",
    reason: "read api_secret_file: open /nowhere/s: no such file or directory",
  });
  await using sink = await wechat();
  const faulty = await deliverOnce(receiver(`api_url: '${sink.url}/', message: '{{ .Nope }}', ${ACCOUNT}`));
  expect(faulty).toMatchObject({ kind: "rejected", reason: expect.stringMatching(/^templating error: template: /) });
});

test.each([
  ["corp_id: c", "no global Wechat Api Secret set either inline or in a file"],
  ["api_secret: s", "no global Wechat CorpID set"],
  ["api_secret: s, api_secret_file: f", "at most one of api_secret & api_secret_file must be configured"],
  [`message_type: html, ${ACCOUNT}`, 'weChat message type "html" does not match valid options ^(text|markdown)$'],
  [`title: x, ${ACCOUNT}`, "field title not found in type config.plain"],
])("wechat_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
