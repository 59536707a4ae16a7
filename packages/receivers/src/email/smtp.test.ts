import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { fakeSmtp, hasOpenssl, selfSigned, type FakeSmtp, type SmtpBehavior } from "../testing/index.ts";
import { deliverOnce, problemsOf } from "../testing/open-receiver.ts";

const openssl = hasOpenssl();
const folder = temporaryFolder();

const PLAIN_TEXT = "require_tls: false, text: t, html: ''";
const LOGIN = "auth_username: u1, auth_password: p1";

const send = (server: FakeSmtp, fields: string, options: { signal?: AbortSignal } = {}) =>
  deliverOnce(`{name: all, email_configs: [{to: 'Me <me@x.org>, you@x.org', ${fields}}]}`, {
    global: `{smtp_smarthost: 'localhost:${server.port}', smtp_from: am@x.org}`,
    ...options,
  });

const ENVELOPE = ["MAIL FROM:<am@x.org>", "RCPT TO:<me@x.org>", "RCPT TO:<you@x.org>", "DATA", "QUIT"];

test("commands are sent one at a time, in the original's order", async () => {
  await using server = await fakeSmtp({ extensions: ["PIPELINING", "8BITMIME", "SMTPUTF8"], mechanisms: ["PLAIN"] });
  expect(await send(server, `${PLAIN_TEXT}, ${LOGIN}`)).toEqual({ kind: "sent" });
  expect(server.commands).toEqual([
    "EHLO localhost",
    `AUTH PLAIN ${Buffer.from("\0u1\0p1").toString("base64")}`,
    "MAIL FROM:<am@x.org> BODY=8BITMIME SMTPUTF8",
    ...ENVELOPE.slice(1),
  ]);
});

test.skipIf(!openssl)("after STARTTLS the server's extensions are requested again", async () => {
  const pair = selfSigned();
  writeFileSync(join(folder, "ca.pem"), pair.cert);
  await using server = await fakeSmtp({ starttls: pair });
  const fields = `text: t, html: '', hello: am.x.org, tls_config: {ca_file: ${folder}/ca.pem}`;
  expect(await send(server, fields)).toEqual({ kind: "sent" });
  expect(server.commands).toEqual(["EHLO am.x.org", "STARTTLS", "*", "EHLO am.x.org", ...ENVELOPE]);
  const x509 = "send STARTTLS command: tls: failed to verify certificate: x509:";
  for (const [name, problem] of [
    ["other.org", "certificate is valid for localhost, not other.org"],
    ["127.0.0.9", "certificate is valid for 127.0.0.1, not 127.0.0.9"],
  ]) {
    const outcome = await send(server, `${fields.slice(0, -1)}, server_name: ${name}}`);
    expect(outcome).toMatchObject({ kind: "retry", reason: `${x509} ${problem}` });
  }
  expect(server.mails).toHaveLength(1);
});

test.skipIf(!openssl)("with force_implicit_tls the connection begins with TLS", async () => {
  await using server = await fakeSmtp({ implicitTls: selfSigned() });
  const fields = "text: t, html: '', force_implicit_tls: true";
  expect(await send(server, fields)).toMatchObject({
    kind: "retry",
    reason:
      "establish TLS connection to server: tls: failed to verify certificate: x509: certificate signed by unknown authority",
  });
  expect(server.commands).toEqual([]);
  expect(await send(server, `${fields}, tls_config: {insecure_skip_verify: true}`)).toEqual({ kind: "sent" });
});

test.skipIf(!openssl)("a server that refuses STARTTLS gets neither login nor mail", async () => {
  await using server = await fakeSmtp({
    starttls: selfSigned(),
    mechanisms: ["PLAIN"],
    replies: { STARTTLS: "454 later" },
  });
  expect(await send(server, `text: t, ${LOGIN}`)).toMatchObject({
    kind: "retry",
    reason: 'send STARTTLS command: 454 "later"',
  });
  expect(server.commands).toEqual(["EHLO localhost", "STARTTLS", "QUIT"]);
});

test("an answer that is not TLS is reported as such", async () => {
  await using server = await fakeSmtp({ brokenTls: true });
  expect(await send(server, "text: t")).toMatchObject({
    kind: "retry",
    reason: "send STARTTLS command: tls: first record does not look like a TLS handshake",
  });
});

test.skipIf(!openssl)("bytes injected before TLS begins are not used as the server's answer", async () => {
  await using server = await fakeSmtp({ starttls: selfSigned(), injected: "\r\n250-evil\r\n250 AUTH PLAIN" });
  const fields = `text: t, tls_config: {insecure_skip_verify: true}, ${LOGIN}`;
  expect(await send(server, fields)).toEqual({ kind: "sent" });
  expect(server.commands).toEqual(["EHLO localhost", "STARTTLS", "*", "EHLO localhost", ...ENVELOPE]);
});

test.each<[string, SmtpBehavior, string]>([
  ["CONNECT", {}, 'create SMTP client: 554 "no"'],
  ["HELO", { replies: { EHLO: "500 what", HELO: "554 no" } }, 'send EHLO command: 554 "no"'],
  ["AUTH", { mechanisms: ["PLAIN"] }, '*smtp.plainAuth auth: 554 "no"'],
  ["MAIL", {}, 'send MAIL command: 554 "no"'],
  ["RCPT", {}, 'send RCPT command: 554 "no"'],
  ["DATA", {}, 'send DATA command: 554 "no"'],
  ["DOT", {}, 'delivery failure: 554 "no"'],
])("a server that refuses at %s is tried again later", async (step, behavior, reason) => {
  await using server = await fakeSmtp({ replies: { [step]: "554 no" }, ...behavior });
  expect(await send(server, `${PLAIN_TEXT}, ${LOGIN}`)).toEqual({ kind: "retry", reason, failure: "other" });
  expect(server.mails).toEqual([]);
});

test("if one recipient is refused, no recipient gets the mail, because all would get it again at the next attempt", async () => {
  await using server = await fakeSmtp({ replies: { RCPT: "550-no such\r\n550 user" } });
  const outcome = await send(server, PLAIN_TEXT);
  expect(outcome).toMatchObject({ kind: "retry", reason: String.raw`send RCPT command: 550 "no such\nuser"` });
  expect(server.commands).toEqual(["EHLO localhost", ...ENVELOPE.slice(0, 2), "QUIT"]);
});

test.each(["PIPELINING", "8BITMIME"])(
  "with %s, a recipient that was accepted before another was refused gets the mail once",
  async (extension) => {
    const replies = { "RCPT TO:<you@x.org>": "450 later" };
    await using server = await fakeSmtp({ extensions: [extension], replies });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await send(server, PLAIN_TEXT)).toMatchObject({ reason: 'send RCPT command: 450 "later"' });
      expect(server.dialogues[attempt]!.slice(-3)).toEqual([...ENVELOPE.slice(1, 3), "QUIT"]);
    }
    expect(server.commands).not.toContain("DATA");
    delete server.behavior.replies;
    expect(await send(server, PLAIN_TEXT)).toEqual({ kind: "sent" });
    expect(server.mails.map(({ to }) => to)).toEqual([["me@x.org", "you@x.org"]]);
  },
);

test.each(["CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "DOT"])(
  "a connection that is cut at %s is tried again later",
  async (step) => {
    await using server = await fakeSmtp({ cutAt: step, mechanisms: ["LOGIN"] });
    const outcome = await send(server, `${PLAIN_TEXT}, ${LOGIN}`);
    expect(outcome).toMatchObject({ kind: "retry", failure: "other" });
    expect((outcome as { reason: string }).reason).toMatch(/: EOF$/);
  },
);

test("an accepted mail counts as sent, whatever ends the session", async () => {
  await using server = await fakeSmtp({ cutAt: "QUIT" });
  expect(await send(server, PLAIN_TEXT)).toEqual({ kind: "sent" });
});

test("an accepted mail counts as sent if the flush ends before the answer to QUIT", async () => {
  const flush = new AbortController();
  const onCommand = (line: string): void => {
    if (line === "QUIT") flush.abort(new Error("context deadline exceeded"));
  };
  await using server = await fakeSmtp({ silentAt: "QUIT", onCommand });
  expect(await send(server, PLAIN_TEXT, { signal: flush.signal })).toEqual({ kind: "sent" });
  expect(server.mails).toHaveLength(1);
});

test.each(["CONNECT", "EHLO", "MAIL", "DATA", "DOT"])(
  "a server that stops answering at %s delays the attempt at most until the signal",
  async (step) => {
    await using server = await fakeSmtp({ silentAt: step });
    const outcome = await send(server, PLAIN_TEXT, { signal: AbortSignal.timeout(200) });
    expect(outcome).toMatchObject({ kind: "retry", failure: "contextDeadlineExceeded" });
    expect((outcome as { reason: string }).reason).toContain("context deadline exceeded");
  },
);

test("a TLS handshake without an answer ends with the signal", async () => {
  await using server = await fakeSmtp({ silentAt: "CONNECT" });
  const signal = AbortSignal.timeout(200);
  const outcome = await send(server, "text: t, force_implicit_tls: true", { signal });
  expect(outcome).toMatchObject({ kind: "retry", failure: "contextDeadlineExceeded" });
});

test.each([
  [["PLAIN", "LOGIN"], LOGIN, "*smtp.plainAuth"],
  [["LOGIN", "PLAIN"], LOGIN, "*email.loginAuth"],
  [["CRAM-MD5", "LOGIN"], LOGIN, "*email.loginAuth"],
  [["LOGIN", "XOAUTH2"], `${LOGIN}, auth_xoauth2_token_file: ${folder}/clear`, "XOAUTH2"],
])("for %j with {%s} a secret is not sent without TLS to another host", async (mechanisms, fields, type) => {
  writeFileSync(join(folder, "clear"), "p1\n");
  await using server = await fakeSmtp({ host: "127.0.0.2", mechanisms });
  const receiver = `{name: a, email_configs: [{to: b@c, smarthost: '127.0.0.2:${server.port}', ${PLAIN_TEXT}, ${fields}}]}`;
  const outcome = await deliverOnce(receiver, { global: "{smtp_from: am@x.org}" });
  expect(outcome).toMatchObject({ kind: "retry", reason: `${type} auth: unencrypted connection` });
  expect(server.commands).toEqual(["EHLO localhost", "QUIT"]);
});

test("CRAM-MD5 authenticates to any host without sending the secret", async () => {
  await using server = await fakeSmtp({ host: "127.0.0.2", mechanisms: ["CRAM-MD5", "LOGIN"] });
  const login = "auth_username: u1, auth_secret: p1";
  const receiver = `{name: a, email_configs: [{to: b@c, smarthost: '127.0.0.2:${server.port}', ${PLAIN_TEXT}, ${login}}]}`;
  expect(await deliverOnce(receiver, { global: "{smtp_from: am@x.org}" })).toEqual({ kind: "sent" });
  expect(server.commands.join("\n")).not.toContain(Buffer.from("p1").toString("base64"));
});

test.each(["220", "22x hello", "no SMTP at all"])(
  "the error for a server that greets with %j contains the greeting",
  async (greeting) => {
    await using server = await fakeSmtp({ replies: { CONNECT: greeting } });
    const outcome = await send(server, PLAIN_TEXT);
    const kind = greeting.startsWith("22x") ? "invalid response code" : "short response";
    expect(outcome).toMatchObject({ kind: "retry", reason: `create SMTP client: ${kind}: ${greeting}` });
  },
);

test.each<[string[], string, string]>([
  [["CRAM-MD5", "GSSAPI"], "", "missing secret for CRAM-MD5 auth mechanism\nunknown auth mechanism: GSSAPI"],
  [["XOAUTH2"], ", auth_password: p1", "unknown auth mechanism: XOAUTH2"],
  [
    ["PLAIN"],
    ", auth_password_file: /nonexistent/p",
    "could not read /nonexistent/p: open /nonexistent/p: no such file or directory",
  ],
])("with %j and %j no mechanism is found", async (mechanisms, fields, reason) => {
  await using server = await fakeSmtp({ mechanisms });
  const outcome = await send(server, `${PLAIN_TEXT}, auth_username: u1${fields}`);
  expect(outcome).toMatchObject({ kind: "retry", reason: `find auth mechanism: ${reason}` });
});

test("a reply that does not end is not read beyond the limit", async () => {
  await using server = await fakeSmtp({ replies: { EHLO: "250-more\r\n".repeat(10_000) } });
  expect(await send(server, PLAIN_TEXT)).toMatchObject({
    kind: "retry",
    reason: "send EHLO command: the server's reply is longer than 64 KiB",
  });
});

test("a lone CR or LF does not end a line for the server, and a dot after it does not end the message", async () => {
  await using server = await fakeSmtp();
  const text = String.raw`text: "a\r.\rMAIL FROM:<b@c>\r\n.\r\n..\n.\nend"`;
  expect(await send(server, `require_tls: false, html: '', ${text}`)).toEqual({ kind: "sent" });
  expect(server.mails).toHaveLength(1);
  const { message } = server.mails[0]!;
  expect(message).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
  const body = message.split("\r\n\r\n")[2]!;
  expect(body.split("\r\n").slice(0, 7)).toEqual(["a", ".", "MAIL FROM:<b@c>", ".", "..", ".", "end"]);
});

test("a password file is read for each mail", async () => {
  const file = join(folder, "password");
  writeFileSync(file, "wrong\n");
  await using server = await fakeSmtp({ mechanisms: ["LOGIN"] });
  const fields = `${PLAIN_TEXT}, auth_username: u1, auth_password_file: ${file}`;
  expect(await send(server, fields)).toMatchObject({
    reason: '*email.loginAuth auth: 535 "5.7.8 Error: authentication failed"',
  });
  writeFileSync(file, " p1\n");
  expect(await send(server, fields)).toEqual({ kind: "sent" });
});

test("XOAUTH2 with a token of a token server or a file has precedence over passwords", async () => {
  let asked = "";
  const tokens = createServer((request, response) => {
    request.on("data", (part: Buffer) => (asked += part.toString()));
    request.on("end", () => {
      response.setHeader("content-type", "application/json");
      response.end('{"access_token":"p1","token_type":"Bearer","expires_in":3600}');
    });
  });
  await new Promise<void>((resolve) => tokens.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
  await using server = await fakeSmtp({ mechanisms: ["PLAIN", "XOAUTH2"] });
  const oauth = `auth_xoauth2: {client_id: c, client_secret: s, token_url: '${url}', scopes: [mail]}`;
  expect(await send(server, `${PLAIN_TEXT}, ${LOGIN}, ${oauth}`)).toEqual({ kind: "sent" });
  tokens.close();
  expect(asked).toContain("scope=mail");
  const said = `AUTH XOAUTH2 ${Buffer.from("user=u1\u0001auth=Bearer p1\u0001\u0001").toString("base64")}`;
  expect(server.commands[1]).toBe(said);
  writeFileSync(join(folder, "token"), "other\n");
  const file = `auth_xoauth2_token_file: ${folder}/token`;
  expect(await send(server, `${PLAIN_TEXT}, auth_username: u1, ${file}`)).toMatchObject({
    kind: "retry",
    reason: 'XOAUTH2 auth: 535 "5.7.8 Error: authentication failed"',
  });
});

test.each([
  ["threading: {enabled: true}", "threading.thread_by_date must be either 'none' or 'daily'"],
  [
    "threading: {enabled: true, thread_by_date: none}, headers: {references: x}",
    "conflicting configuration: threading.enabled conflicts with custom References header",
  ],
  [
    "auth_xoauth2: {client_id: a, token_url: b}, auth_xoauth2_token_file: c",
    "at most one of auth_xoauth2 & auth_xoauth2_token_file must be configured",
  ],
])("{%s} is refused: %s", (fields, message) => {
  const text = `{name: a, email_configs: [{to: b@c, ${fields}}]}`;
  expect(problemsOf(text, "{smtp_smarthost: 'h:25', smtp_from: x@y}").join("\n")).toContain(message);
});

test("threads are named after the group", async () => {
  await using server = await fakeSmtp();
  await send(server, `${PLAIN_TEXT}, threading: {enabled: true, thread_by_date: none}`);
  expect(server.mails[0]!.message).toContain("References: <alert-1db498480ec4eab7-@alertmanager>\r\n");
  expect(server.mails[0]!.message).toContain("In-Reply-To: <alert-1db498480ec4eab7-@alertmanager>\r\n");
});
