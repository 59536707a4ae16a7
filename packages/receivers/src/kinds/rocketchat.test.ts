import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { httpSink, type SinkAnswer } from "../testing/http-sink.ts";
import { RESOLVED, deliverOnce, openReceiver, problemsOf } from "../testing/open-receiver.ts";

const receiver = (fields: string): string => `{name: all, rocketchat_configs: [{${fields}}]}`;
const rocket = (answer: SinkAnswer = { type: "application/json", body: '{"success":true}' }) => httpSink(answer);

test("rocketchat posts an attachment with the user's token", async () => {
  await using sink = await rocket();
  const fields = `api_url: '${sink.url}', token: secret, token_id: user, channel: '#{{ .Status }}'`;
  expect(await deliverOnce(receiver(fields))).toEqual({ kind: "sent" });
  const [request] = sink.requests;
  expect(request).toMatchObject({ method: "POST", url: "/api/v1/chat.postMessage" });
  expect(request!.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": "Alertmanager/0.34.0",
    "x-auth-token": "secret",
    "x-user-id": "user",
  });
  expect(request!.body).toBe(
    '{"channel":"#firing","attachments":[{"title":"[FIRING:1] A b (1 critical)","title_link":"http://vm:19093/#/alerts?receiver=all","color":"red"}]}\n',
  );
});

test("rocketchat sends fields, buttons, pictures and emoji", async () => {
  await using sink = await rocket();
  const global = `{rocketchat_api_url: '${sink.url}/sub/', rocketchat_token: t, rocketchat_token_id: i}`;
  const fields =
    "text: t, emoji: ':fire:', icon_url: 'http://i', image_url: 'http://im', thumb_url: 'http://th', link_names: true, short_fields: true," +
    "fields: [{title: '{{ .Status }}'}, {title: b, value: c, short: false}], actions: [{text: go, url: 'http://u'}, {type: x, msg: 'm {{ .Status }}'}]";
  await deliverOnce(receiver(fields), { global, notification: RESOLVED });
  expect(sink.requests[0]!.url).toBe("/sub/api/v1/chat.postMessage");
  expect(sink.requests[0]!.body).toBe(
    '{"emoji":":fire:","avatar":"http://i","attachments":[{"title":"[RESOLVED] A b (1 critical)","title_link":"http://vm:19093/#/alerts?receiver=all",' +
      '"text":"t","image_url":"http://im","thumb_url":"http://th","color":"green","fields":[{"short":true,"title":"resolved"},{"short":false,"title":"b","value":"c"}],' +
      '"actions":[{"type":"button","text":"go","url":"http://u","is_webview":false,"msg_in_chat_window":false},' +
      '{"type":"button","is_webview":false,"msg":"m resolved","msg_in_chat_window":false}]}]}\n',
  );
});

test("rocketchat titles are cut to 1024 code points", async () => {
  await using sink = await rocket();
  await deliverOnce(receiver(`api_url: '${sink.url}', token: t, token_id: i, title: '${"é".repeat(1025)}'`));
  expect(sink.requests[0]!.body).toContain(`"title":"${"é".repeat(1023)}…"`);
});

test("rocketchat reads token files for each message, and a file has precedence over a text", async () => {
  await using sink = await rocket();
  const folder = temporaryFolder();
  const [token, id] = [join(folder, "token"), join(folder, "id")];
  const fields = `api_url: '${sink.url}', token_file: '${token}', token_id: inline`;
  const global = `{rocketchat_token_id_file: '${id}', rocketchat_token: global}`;
  await using opened = await openReceiver(receiver(fields), { global });
  writeFileSync(id, "user\n");
  for (const text of ["one\n", "two"]) {
    writeFileSync(token, text);
    expect(await opened.deliver()).toEqual({ kind: "sent" });
  }
  expect(sink.requests.map(({ headers }) => [headers["x-auth-token"], headers["x-user-id"]])).toEqual([
    ["one", "user"],
    ["two", "user"],
  ]);
  rmSync(token);
  expect(await opened.deliver()).toEqual({
    kind: "rejected",
    failure: "other",
    reason: `could not read ${token}: open ${token}: no such file or directory`,
  });
});

test.each([
  [
    { body: '{"success":false,"error":"no such room"}' },
    "rejected",
    "clientError",
    "error response from Rocketchat: no such room",
  ],
  [{ status: 503, body: "why" }, "retry", "serverError", "unexpected status code 503: why"],
  [{ status: 429, body: "slow" }, "rejected", "rateLimited", "unexpected status code 429: slow"],
  [{ status: 401, body: "" }, "rejected", "authError", "unexpected status code 401"],
] as const)("rocketchat's answer %j", async (answer, kind, failure, reason) => {
  await using sink = await rocket(answer);
  const fields = `api_url: '${sink.url}', token: t, token_id: i, channel: c`;
  expect(await deliverOnce(receiver(fields))).toEqual({ kind, failure, reason: `channel "c": ${reason}` });
});

test("if an answer of rocketchat is not JSON, the message is tried again", async () => {
  await using sink = await rocket({ body: "<html>" });
  expect(await deliverOnce(receiver(`api_url: '${sink.url}', token: t, token_id: i`))).toMatchObject({
    kind: "retry",
    failure: "clientError",
    reason: expect.stringMatching(/^channel "": could not unmarshal JSON response "<html>": /),
  });
});

test.each(["title", "title_link", "text", "image_url", "thumb_url", "color", "channel", "emoji", "icon_url"])(
  "an error in rocketchat's %s refuses the notification",
  async (name) => {
    const fields = `api_url: 'http://127.0.0.1:1', token: t, token_id: i, ${name}: '{{ .Nope }}'`;
    expect(await deliverOnce(receiver(fields))).toMatchObject({ kind: "rejected", failure: "other" });
  },
);

test.each([
  ["token: t", "no global Rocketchat TokenID set either inline or in a file"],
  ["token_id: i", "no global Rocketchat Token set either inline or in a file"],
  ["token: t, token_file: f, token_id: i", "at most one of token & token_file must be configured"],
  ["token: t, token_id: i, token_id_file: f", "at most one of token_id & token_id_file must be configured"],
  ["token: t, token_id: i, api_url: x", 'unsupported scheme "" for URL'],
  [
    "token: t, token_id: i, actions: [{image_url: x}]",
    "field image_url not found in type rocketchat.RocketchatAttachmentAction",
  ],
  ["token: t, token_id: i, footer: x", "field footer not found in type rocketchat.plain"],
])("rocketchat_configs [{%s}] is refused", (fields, message) => {
  expect(problemsOf(receiver(fields)).join("\n")).toContain(message);
});
