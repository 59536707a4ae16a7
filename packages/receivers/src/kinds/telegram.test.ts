import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { httpSink, type SinkAnswer } from "../testing/http-sink.ts";
import { NOTIFICATION, RESOLVED, deliverOnce, problemsOf } from "../testing/open-receiver.ts";
import { outcomeOf, shown } from "../testing/outcome.ts";

const receiver = (fields: string): string => `{name: all, telegram_configs: [{${fields}}]}`;

const json = (value: unknown, status = 200): SinkAnswer => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});
const SENT = json({ ok: true, result: { message_id: 1 } });

test("a bot sends the text as HTML with escaped values", async () => {
  await using sink = await httpSink(SENT);
  const fields = `chat_id: -5, message_thread_id: 7, disable_notifications: true`;
  const global = `{telegram_api_url: '${sink.url}', telegram_bot_token: '12:AB'}`;
  expect(await deliverOnce(receiver(fields), { global })).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect([request!.method, request!.url]).toEqual(["POST", "/bot12:AB/sendMessage"]);
  expect(request!.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Go-http-client/1.1",
  });
  expect(request!.body).toBe(
    '{"chat_id":"-5","disable_notification":"true","disable_web_page_preview":"true","message_thread_id":"7","parse_mode":"HTML",' +
      '"text":"\\n\\nAlerts Firing:\\nLabels:\\n - alertname = A b\\n - i = 1\\n - severity = critical\\nAnnotations:\\n' +
      " - summary = x \\u0026lt;b\\u0026gt; \\u0026amp; é\\nSource: http://g/x?y=1\\u0026amp;z=2\\n\\n\\n\\n" +
      '"}\n',
  );
});

test("without a parse mode the text is sent unchanged, and a resolved group is reported", async () => {
  await using sink = await httpSink(SENT);
  await deliverOnce(receiver(`api_url: '${sink.url}/tg', bot_token: t, chat_id: 5, parse_mode: ''`), {
    notification: RESOLVED,
  });
  expect(sink.requests[0]!.url).toBe("/tg/bott/sendMessage");
  expect(JSON.parse(sink.requests[0]!.body)).toEqual({
    chat_id: "5",
    disable_web_page_preview: "true",
    text:
      "\n\n\nAlerts Resolved:\nLabels:\n - alertname = A b\n - i = 1\n - severity = critical\nAnnotations:\n" +
      " - summary = x <b> & é\nSource: http://g/x?y=1&z=2\n\n\n",
  });
});

test("a long text is cut at 4096 characters, and a long HTML text is replaced by a notice", async () => {
  await using sink = await httpSink(SENT);
  const notification = { ...NOTIFICATION, groupLabels: Labels.of({ alertname: "𝛂".repeat(5000) }) };
  const fields = `api_url: '${sink.url}', bot_token: t, chat_id: 5, message: '{{ .GroupLabels.alertname }}'`;
  await deliverOnce(receiver(`${fields}, parse_mode: Markdown`), { notification });
  await deliverOnce(receiver(fields), { notification });
  const [cut, replaced] = sink.requests.map(({ body }) => (JSON.parse(body) as { text: string }).text);
  expect(cut).toBe(`${"𝛂".repeat(4095)}…`);
  expect(replaced).toMatch(/^Alertmanager notification could not be sent: message length exceeds Telegram limits\.\n/);
});

const telegram = (url: string): string => receiver(`api_url: '${url}', bot_token: 'hidden', chat_id: 5`);

test.each([
  [json({ ok: false, error_code: 400, description: "Bad Request: chat not found" }, 400), "retry clientError"],
  [json({ ok: false, error_code: 401, description: "Unauthorized" }, 401), "retry authError"],
  [json({ ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" }), "retry authError"],
  [json({ ok: false, error_code: 500, description: "Internal Server Error" }, 500), "retry serverError"],
  [
    json({ ok: false, error_code: 429, description: "Too Many Requests", parameters: { retry_after: 11 } }, 429),
    "retry after 11000 ms rateLimited",
  ],
])("the answer %j is worth another try", async (answer, outcome) => {
  const { error_code: code, description } = JSON.parse(answer.body!) as { error_code: number; description: string };
  expect(await outcomeOf(answer, telegram)).toBe(`${outcome}: telegram: ${description} (${code})`);
});

test("a message without Telegram's own answer is tried again, and no reason contains the token", async () => {
  expect(await outcomeOf({ status: 502, body: "<html>" }, telegram)).toBe(
    "retry serverError: unexpected answer of status 502: <html>",
  );
  expect(await outcomeOf({ status: 200, body: "null" }, telegram)).toBe(
    "retry other: unexpected answer of status 200: null",
  );
  const refused = await deliverOnce(telegram("http://127.0.0.1:1"));
  expect(shown(refused)).toBe('retry other: Post "<redacted>": dial tcp 127.0.0.1:1: connect: connection refused');
});

test("token and chat in files are read for each message", async () => {
  await using sink = await httpSink(SENT);
  const folder = temporaryFolder();
  const [token, chat] = [join(folder, "token"), join(folder, "chat")];
  const send = async (): Promise<string> =>
    shown(await deliverOnce(receiver(`api_url: '${sink.url}', bot_token_file: '${token}', chat_id_file: '${chat}'`)));
  expect(await send()).toContain(`open ${token}: no such file or directory`);
  await writeFile(token, "one\n");
  expect(await send()).toBe(`retry other: could not read ${chat}: open ${chat}: no such file or directory`);
  await writeFile(chat, "here");
  expect(await send()).toBe(
    `retry other: could not parse chat_id from ${chat}: strconv.ParseInt: parsing "here": invalid syntax`,
  );
  await writeFile(chat, " -1001\n");
  await send();
  await writeFile(token, "two");
  await send();
  expect(sink.requests.map(({ url }) => url)).toEqual(["/botone/sendMessage", "/bottwo/sendMessage"]);
  expect(JSON.parse(sink.requests[0]!.body)).toMatchObject({ chat_id: "-1001" });
});

test("a chat's number keeps all its digits", async () => {
  await using sink = await httpSink(SENT);
  await deliverOnce(receiver(`api_url: '${sink.url}', bot_token: t, chat_id: -9223372036854775807`));
  expect(sink.requests[0]!.body).toContain('"chat_id":"-9223372036854775807"');
});

test("an error of a template is not tried again", async () => {
  const outcome = await deliverOnce(receiver("bot_token: t, chat_id: 5, message: '{{ .Nope }}'"));
  expect(shown(outcome)).toContain("rejected other: template: ");
});

test.each([
  ["bot_token: t", "{}", "missing chat_id or chat_id_file on telegram_config"],
  ["chat_id: 5", "{}", "missing bot_token or bot_token_file on telegram_config"],
  ["chat_id: 5, chat_id_file: f, bot_token: t", "{}", "at most one of chat_id & chat_id_file must be configured"],
  ["chat_id: 5, bot_token: t, bot_token_file: f", "{}", "at most one of bot_token & bot_token_file must be configured"],
  [
    "chat_id: 5",
    "{telegram_bot_token: a, telegram_bot_token_file: b}",
    "at most one of telegram_bot_token & telegram_bot_token_file must be configured",
  ],
  [
    "chat_id: 5, bot_token: t, parse_mode: html",
    "{}",
    "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string",
  ],
  ["chat_id: 9223372036854775808, bot_token: t", "{}", "cannot unmarshal !!int `9223372...` into int64"],
  ["chat_id: five, bot_token: t", "{}", "cannot unmarshal !!str `five` into int64"],
])("telegram_configs [{%s}] under global %s is refused", (fields, global, message) => {
  expect(problemsOf(receiver(fields), global).join("\n")).toContain(message);
});
