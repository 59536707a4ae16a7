import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { PICTURE, WITH_CONTEXT } from "../testing/context.ts";
import { NOTIFICATION, deliverOnce, problemsOf } from "../testing/open-receiver.ts";

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly body: string;
}

/** Starts a mail server on the loopback interface that records its mails. */
async function mailSink(options: SMTPServerOptions = {}) {
  const mails: Received[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    logger: false,
    onAuth(auth, _session, done) {
      logins.push(
        `${auth.method} ${auth.username} ${auth.method === "CRAM-MD5" ? auth.validatePassword("s1") : auth.password}`,
      );
      done(null, { user: auth.username });
    },
    onData(stream, session, done) {
      let body = "";
      stream.on("data", (part: Buffer) => (body += part.toString()));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          body,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  return {
    smarthost: `localhost:${port}`,
    mails,
    logins,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const receiver = (fields: string): string =>
  `{name: all, email_configs: [{to: 'Me <me@x.org>, you@x.org', ${fields}}]}`;
const global = (smarthost: string, more = ""): string => `{smtp_smarthost: '${smarthost}', smtp_from: am@x.org${more}}`;

test("a mail is sent over STARTTLS with subject, text and HTML", async () => {
  await using sink = await mailSink();
  const fields = "tls_config: {insecure_skip_verify: true}, text: 'plain {{ .Status }} é', headers: {x-team: ops}";
  expect(await deliverOnce(receiver(fields), { global: global(sink.smarthost) })).toEqual({ kind: "sent" });
  const [mail] = sink.mails;
  expect([mail!.from, mail!.to]).toEqual(["am@x.org", ["me@x.org", "you@x.org"]]);
  expect(mail!.body).toMatch(/^Subject: \[FIRING:1\] A b \(1 critical\)\r$/m);
  expect(mail!.body).toMatch(/^X-Team: ops\r$/m);
  expect(mail!.body).toMatch(/^Content-Type: multipart\/alternative;/m);
  expect(mail!.body).toContain("plain firing =C3=A9");
  expect(mail!.body.replaceAll("=\r\n", "")).toContain("summary =3D x &lt;b&gt; &amp; =C3=A9");
});

test("a mail shows the lines and the picture of the context", async () => {
  await using sink = await mailSink({ disabledCommands: ["STARTTLS"] });
  const fields = "require_tls: false, text: 'plain', html: '<body>html</body>'";
  await deliverOnce(receiver(fields), { global: global(sink.smarthost), notification: WITH_CONTEXT });
  const body = sink.mails[0]!.body.replaceAll("=\r\n", "");
  const types = [...body.matchAll(/^Content-Type: ([^;\r]*)/gm)].map((match) => match[1]);
  expect(types).toEqual(["multipart/related", "multipart/alternative", "text/plain", "text/html", "image/png"]);
  expect(body).toContain("plain\r\n\r\nRecent deployments: 11:50 api <2.3> & web_1\r\nA b has fired 3 times\r\n");
  expect(body).toMatch(
    /<body>html<div .*<img src=3D"cid:picture@alertmanager" alt=3D"A b: errors &gt; 5" width=3D"720"/,
  );
  expect(body).toContain("api &lt;2.3&gt; &amp; web_1</p>");
  expect(body).toMatch(/^Content-I[dD]: <picture@alertmanager>\r$/m);
  expect(sink.mails[0]!.body.replaceAll("\r\n", "")).toContain(Buffer.from(PICTURE).toString("base64"));
});

test("a mail with only lines has no picture, and an empty context changes nothing", async () => {
  await using sink = await mailSink({ disabledCommands: ["STARTTLS"] });
  const fields = "require_tls: false, text: 'plain', html: ''";
  for (const lines of [["one"], []]) {
    const notification = { ...NOTIFICATION, context: { lines, picture: undefined } };
    await deliverOnce(receiver(fields), { global: global(sink.smarthost), notification });
  }
  const [some, none] = sink.mails.map(({ body }) => body);
  expect(some).toContain("plain\r\n\r\none\r\n");
  expect(some).toContain("multipart/alternative");
  expect(none).not.toContain("one\r\n");
});

test("a server without STARTTLS is refused unless require_tls is off", async () => {
  await using sink = await mailSink({ disabledCommands: ["STARTTLS"] });
  const outcome = await deliverOnce(receiver("hello: h"), { global: global(sink.smarthost) });
  expect(outcome).toMatchObject({
    kind: "retry",
    reason: `'require_tls' is true (default) but "${sink.smarthost}" does not advertise the STARTTLS extension`,
  });
  expect(sink.mails).toEqual([]);
  await deliverOnce(receiver("require_tls: false, html: '', text: only"), { global: global(sink.smarthost) });
  expect(sink.mails.length).toBe(1);
});

test("a certificate without a trusted issuer is refused", async () => {
  await using sink = await mailSink();
  const outcome = await deliverOnce(receiver("hello: h"), { global: global(sink.smarthost) });
  expect(outcome.kind).toBe("retry");
  expect(sink.mails).toEqual([]);
});

test.each([
  [["LOGIN", "PLAIN"], "smtp_auth_password: p1", "LOGIN u1 p1"],
  [["PLAIN", "LOGIN"], "smtp_auth_password: p1", "PLAIN u1 p1"],
  [["CRAM-MD5", "PLAIN"], "smtp_auth_secret: s1", "CRAM-MD5 u1 true"],
  [["CRAM-MD5", "PLAIN"], "smtp_auth_password: p1", "PLAIN u1 p1"],
])("of %j with %s the first usable one is taken", async (authMethods, credentials, login) => {
  await using sink = await mailSink({ authMethods, disabledCommands: ["STARTTLS"] });
  const settings = global(sink.smarthost, `, smtp_require_tls: false, smtp_auth_username: u1, ${credentials}`);
  expect(await deliverOnce(receiver("text: t"), { global: settings })).toEqual({ kind: "sent" });
  expect(sink.logins).toEqual([login]);
});

test("auth_identity is sent with PLAIN", async () => {
  await using sink = await mailSink({ authMethods: ["PLAIN"], disabledCommands: ["STARTTLS"] });
  const credentials = ", smtp_auth_username: u1, smtp_auth_password: p1, smtp_auth_identity: boss";
  const settings = global(sink.smarthost, `, smtp_require_tls: false${credentials}`);
  expect(await deliverOnce(receiver("text: t"), { global: settings })).toEqual({ kind: "sent" });
  expect(sink.logins).toEqual(["PLAIN u1 p1"]);
});

test("the error names what is missing if there is no usable way to authenticate", async () => {
  await using sink = await mailSink({ authMethods: ["CRAM-MD5"], disabledCommands: ["STARTTLS"] });
  const settings = global(sink.smarthost, ", smtp_require_tls: false, smtp_auth_username: u1, smtp_auth_password: p");
  expect(await deliverOnce(receiver("text: t"), { global: settings })).toMatchObject({
    kind: "retry",
    reason: "find auth mechanism: missing secret for CRAM-MD5 auth mechanism",
  });
});

test("a mail to an invalid address is not tried again", async () => {
  const outcome = await deliverOnce("{name: a, email_configs: [{to: nobody}]}", { global: global("127.0.0.1:1") });
  expect(outcome).toMatchObject({ kind: "rejected" });
});

test.each([
  ["{name: a, email_configs: [{from: b@c}]}", "{smtp_smarthost: 'h:25'}", "missing to address in email config"],
  ["{name: a, email_configs: [{to: b@c}]}", "{smtp_from: x@y}", "no global SMTP smarthost set"],
  ["{name: a, email_configs: [{to: b@c}]}", "{smtp_smarthost: 'h:25'}", "no global SMTP from set"],
  ["{name: a, email_configs: [{to: b@c}]}", "{smtp_smarthost: 'h:'}", 'address "h:": port cannot be empty'],
  [
    "{name: a, email_configs: [{to: b@c, headers: {A: x, a: y}}]}",
    "{smtp_smarthost: 'h:25', smtp_from: x@y}",
    'duplicate header "A" in email config',
  ],
])("%s under global %s is refused", (text, settings, message) => {
  expect(problemsOf(text, settings).join("\n")).toContain(message);
});

test.each(["nobody", "", "a@b c@d", "Me <me@x.org>, nobody", "<a@b\\nRCPT TO:<evil@x>>"])(
  "the recipients %j are refused permanently",
  async (to) => {
    await using sink = await mailSink({ disabledCommands: ["STARTTLS"] });
    const email = `{name: all, email_configs: [{to: '{{ "${to}" }}', require_tls: false}]}`;
    const outcome = await deliverOnce(email, { global: global(sink.smarthost) });
    expect(outcome).toMatchObject({ kind: "rejected" });
    expect((outcome as { reason: string }).reason).toMatch(
      /^parse 'to' addresses: mail: ".*" is not a list of addresses$/,
    );
    expect(sink.mails).toEqual([]);
  },
);

test.each([
  ['"B, C" <b@y>, c@z (another)', ["b@y", "c@z"]],
  ["team: a@x, B <b@x>;, c@x", ["a@x", "b@x", "c@x"]],
  ['"ops@x.org" <a@b>,, c@d,', ["a@b", "c@d"]],
])("the recipients %j are %j", async (to, recipients) => {
  await using sink = await mailSink({ disabledCommands: ["STARTTLS"] });
  const email = `{name: all, email_configs: [{to: '${to}', require_tls: false, text: t}]}`;
  expect(await deliverOnce(email, { global: global(sink.smarthost) })).toEqual({ kind: "sent" });
  expect(sink.mails[0]!.to).toEqual(recipients);
});

test("a line break in a label adds no header", async () => {
  await using sink = await mailSink({ disabledCommands: ["STARTTLS"] });
  const notification = { ...NOTIFICATION, groupLabels: Labels.of({ alertname: "A\r\nBcc: evil@x.org" }) };
  await deliverOnce(receiver("require_tls: false, text: t, html: ''"), {
    global: global(sink.smarthost),
    notification,
  });
  const [head] = sink.mails[0]!.body.split("\r\n\r\n");
  expect(head).toMatch(/^Subject: .*A Bcc: evil/m);
  expect(head).not.toMatch(/^Bcc:/m);
});
