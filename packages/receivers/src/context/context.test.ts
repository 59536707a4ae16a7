import { expect, test } from "vitest";
import { CONTEXT, PICTURE, WITH_CONTEXT } from "../testing/context.ts";
import { httpSink, type ReceivedRequest, type SinkAnswer } from "../testing/http-sink.ts";
import { deliverOnce } from "../testing/open-receiver.ts";

const json = (value: unknown, status = 200): SinkAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});

const withLines = (lines: readonly string[]) => ({ ...WITH_CONTEXT, context: { lines, picture: undefined } });

test("a Slack webhook gets the lines as a further attachment, escaped, and no picture", async () => {
  await using sink = await httpSink();
  await deliverOnce(`{name: all, slack_configs: [{channel: c, api_url: '${sink.url}'}]}`, {
    notification: WITH_CONTEXT,
  });
  const { attachments } = JSON.parse(sink.requests[0]!.body) as { attachments: object[] };
  const text = "Recent deployments: 11:50 api &lt;2.3&gt; &amp; web_1\nA b has fired 3 times";
  expect(attachments.slice(1)).toEqual([{ text, fallback: text, mrkdwn_in: [] }]);
  expect(sink.requests).toHaveLength(1);
});

const SLACK = (url: string, more = ""): { receiver: string; global: string } => ({
  receiver: `{name: all, slack_configs: [{channel: c${more}}]}`,
  global: `{slack_app_token: xoxb-1, slack_app_url: '${url}/api/chat.postMessage'}`,
});

const slackApi =
  (uploadUrl: (request: ReceivedRequest) => string) =>
  (request: ReceivedRequest): SinkAnswer => {
    if (request.url === "/api/chat.postMessage") return json({ ok: true, ts: "12.3", channel: "C1" });
    if (request.url === "/api/files.getUploadURLExternal")
      return json({ ok: true, upload_url: uploadUrl(request), file_id: "F1" });
    return request.url === "/upload/1" ? {} : json({ ok: true });
  };

test("a Slack app uploads the picture as a reply to its message", async () => {
  await using sink = await httpSink(slackApi(({ headers }) => `http://${headers.host}/upload/1`));
  const { receiver, global } = SLACK(sink.url);
  expect(await deliverOnce(receiver, { global, notification: WITH_CONTEXT })).toEqual({ kind: "sent" });
  expect(sink.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ["/api/chat.postMessage", "Bearer xoxb-1"],
    ["/api/files.getUploadURLExternal", "Bearer xoxb-1"],
    ["/upload/1", undefined],
    ["/api/files.completeUploadExternal", "Bearer xoxb-1"],
  ]);
  const [, place, upload, complete] = sink.requests;
  expect(place!.body).toBe("filename=alert.png&length=2048");
  expect(upload!.headers).toMatchObject({ "content-type": "image/png", "content-length": "2048" });
  expect(Object.fromEntries(new URLSearchParams(complete!.body))).toEqual({
    files: '[{"id":"F1","title":"A b: errors > 5"}]',
    channel_id: "C1",
    thread_ts: "12.3",
  });
});

test.each<[string, (request: ReceivedRequest) => SinkAnswer, number]>([
  [
    "an error of Slack",
    ({ url }) =>
      url.includes("files") ? json({ ok: false, error: "missing_scope" }) : json({ ok: true, ts: "1", channel: "C" }),
    2,
  ],
  ["a file in another protocol", slackApi(() => "file:///etc/passwd"), 2],
  ["an answer without an address", slackApi(() => ""), 2],
  ["an answer without a message", ({ url }) => (url.includes("files") ? json({}, 500) : json({ ok: true })), 1],
])("%s costs the picture, and not the message to Slack", async (_, answer, requests) => {
  await using sink = await httpSink(answer);
  const { receiver, global } = SLACK(sink.url);
  expect(await deliverOnce(receiver, { global, notification: WITH_CONTEXT })).toEqual({ kind: "sent" });
  expect(sink.requests).toHaveLength(requests);
});

const TELEGRAM = (url: string, mode = "HTML"): string =>
  `{name: all, telegram_configs: [{api_url: '${url}', bot_token: t, chat_id: 5, message_thread_id: 7, parse_mode: '${mode}', message: 'x{{ .Status }}'}]}`;

test("Telegram gets the lines in the message, and the picture as a second message", async () => {
  await using sink = await httpSink(json({ ok: true }));
  expect(await deliverOnce(TELEGRAM(sink.url), { notification: WITH_CONTEXT })).toEqual({ kind: "sent" });
  const [message, photo] = sink.requests;
  expect((JSON.parse(message!.body) as { text: string }).text).toBe(
    "xfiring\nRecent deployments: 11:50 api &lt;2.3&gt; &amp; web_1\nA b has fired 3 times",
  );
  expect([message!.url, photo!.url]).toEqual(["/bott/sendMessage", "/bott/sendPhoto"]);
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(photo!.headers["content-type"]!)![1]!;
  const parts = photo!.body.split(`--${boundary}`).map((part) => part.replace(/\r\n/g, "\n"));
  const named = (name: string): string | undefined => parts.find((part) => part.includes(`name="${name}"`));
  expect(named("chat_id")).toContain("\n\n5\n");
  expect(named("message_thread_id")).toContain("\n\n7\n");
  expect(named("caption")).toContain("\n\nA b: errors > 5\n");
  expect(named("photo")).toMatch(/filename="alert.png"\ncontent-type: image\/png/i);
});

test.each([
  ["Markdown", "\nRecent deployments: 11:50 api <2.3> & web\\_1"],
  ["MarkdownV2", "\nRecent deployments: 11:50 api <2\\.3\\> & web\\_1"],
  ["", "\nRecent deployments: 11:50 api <2.3> & web_1"],
])("the parse mode %s of Telegram escapes the lines", async (mode, line) => {
  await using sink = await httpSink(json({ ok: true }));
  await deliverOnce(TELEGRAM(sink.url, mode), { notification: withLines(CONTEXT.lines.slice(0, 1)) });
  expect(sink.requests.map(({ body }) => (JSON.parse(body) as { text: string }).text)).toEqual([`xfiring${line}`]);
});

test("a refused picture does not fail the message to Telegram, and long lines are left out", async () => {
  await using sink = await httpSink(({ url }) =>
    url.endsWith("sendPhoto") ? json({ ok: false }, 400) : json({ ok: true }),
  );
  const notification = { ...WITH_CONTEXT, context: { ...CONTEXT, lines: ["y".repeat(5000)] } };
  expect(await deliverOnce(TELEGRAM(sink.url), { notification })).toEqual({ kind: "sent" });
  expect(sink.requests.map(({ url }) => url)).toEqual(["/bott/sendMessage", "/bott/sendPhoto"]);
  expect((JSON.parse(sink.requests[0]!.body) as { text: string }).text).toBe("xfiring");
});

test("a message that Telegram refuses has no picture", async () => {
  await using sink = await httpSink(json({ ok: false, error_code: 400, description: "bad" }, 400));
  expect((await deliverOnce(TELEGRAM(sink.url), { notification: WITH_CONTEXT })).kind).toBe("retry");
  expect(sink.requests).toHaveLength(1);
});

const TEAMS = (url: string, text = "t"): string =>
  `{name: all, msteamsv2_configs: [{webhook_url: '${url}', title: '', text: '${text}'}]}`;

const cardBody = ({ body }: ReceivedRequest): Record<string, unknown>[] =>
  (JSON.parse(body) as { attachments: [{ content: { body: Record<string, unknown>[] } }] }).attachments[0].content.body;

test("a card of Teams has the lines and the picture", async () => {
  await using sink = await httpSink({ status: 202 });
  await deliverOnce(TEAMS(sink.url), { notification: WITH_CONTEXT });
  expect(cardBody(sink.requests[0]!).slice(2)).toEqual([
    { type: "TextBlock", text: "Recent deployments: 11:50 api \\<2.3\\> & web\\_1", wrap: true, isSubtle: true },
    { type: "TextBlock", text: "A b has fired 3 times", wrap: true, isSubtle: true },
    {
      type: "Image",
      url: `data:image/png;base64,${Buffer.from(PICTURE).toString("base64")}`,
      altText: "A b: errors > 5",
      size: "Stretch",
    },
  ]);
});

test.each([
  [20_000, ["TextBlock", "TextBlock", "TextBlock", "TextBlock", "Image"]],
  [26_000, ["TextBlock", "TextBlock", "TextBlock", "TextBlock"]],
  [28_100, ["TextBlock", "TextBlock"]],
])("a card of Teams with a text of %d bytes stays below the limit of Teams", async (length, types) => {
  await using sink = await httpSink({ status: 202 });
  await deliverOnce(TEAMS(sink.url, "x".repeat(length)), { notification: WITH_CONTEXT });
  expect(cardBody(sink.requests[0]!).map(({ type }) => type)).toEqual(types);
  expect(sink.requests[0]!.body.length).toBeLessThanOrEqual(28 * 1024 + 300);
});

test("a MessageCard of Teams has the lines as paragraphs", async () => {
  await using sink = await httpSink();
  await deliverOnce(`{name: all, msteams_configs: [{webhook_url: '${sink.url}', text: t}]}`, {
    notification: WITH_CONTEXT,
  });
  const { text } = JSON.parse(sink.requests[0]!.body) as { text: string };
  expect(text).toBe("t\n\nRecent deployments: 11:50 api \\<2.3\\> & web\\_1\n\nA b has fired 3 times");
});
