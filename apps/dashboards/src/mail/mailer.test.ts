import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { fakeSmtp, hasOpenssl, selfSigned, type SmtpBehavior } from "@narthex/receivers/testing";
import { expect, test } from "vitest";
import { loadSettings } from "../settings/load-settings.ts";
import type { Settings } from "../settings/setting-table.ts";
import { decodedMail } from "../testing/mail-links.ts";
import { isMailAddress, mailSender } from "./mailer.ts";
import { durationText, resetMail } from "./mails.ts";

const folder = temporaryFolder();
const openssl = hasOpenssl();
const MAIL = { subject: "Subject", text: "Text", html: "<p>Html</p>" };

const settingsOf = (changes: Partial<Settings>): Settings => ({
  ...loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" }).values,
  "smtp.enabled": true,
  ...changes,
});

/**
 * Sends a mail through a fake SMTP server. Returns the commands that the server received, and the error if there was
 * one.
 */
async function send(behavior: SmtpBehavior, changes: Partial<Settings> = {}) {
  await using server = await fakeSmtp(behavior);
  const sender = mailSender(settingsOf({ "smtp.host": `localhost:${server.port}`, ...changes }), { cwd: folder })!;
  const error = await sender("ann@x.org", MAIL).then(
    () => "",
    (failure: unknown) => String(failure),
  );
  return { error, commands: [...server.commands], mails: [...server.mails] };
}

test("a mail has a plain and an HTML part, and its sender from the settings", async () => {
  const { error, commands, mails } = await send(
    { mechanisms: ["PLAIN"] },
    { "smtp.user": "u1", "smtp.password": "p1", "smtp.from_name": "Näme", "smtp.ehlo_identity": "here.x.org" },
  );
  expect(error).toBe("");
  expect(commands.slice(0, 2)).toEqual(["EHLO here.x.org", `AUTH PLAIN ${Buffer.from("\0u1\0p1").toString("base64")}`]);
  const [{ from, to, message }] = mails as [(typeof mails)[number]];
  expect([from, to]).toEqual(["admin@grafana.localhost", ["ann@x.org"]]);
  expect(message).toMatch(/^From: =\?UTF-8\?Q\?N=C3=A4me\?= <admin@grafana\.localhost>\r?$/m);
  expect(decodedMail(message)).toMatch(/text\/plain[^]*Text[^]*text\/html[^]*<p>Html<\/p>/);
});

test.skipIf(!openssl)(
  "TLS is used as the policy says, and the certificate is verified unless the settings forbid it",
  async () => {
    const starttls = selfSigned();
    expect((await send({ starttls })).error).toMatch(/self-signed certificate/);
    const trusting = { "smtp.skip_verify": true };
    expect((await send({ starttls }, trusting)).commands.slice(1, 3)).toEqual(["STARTTLS", "*"]);
    expect((await send({}, trusting)).error).toBe("");
    const must = { ...trusting, "smtp.starttls_policy": "MandatoryStartTLS" } as const;
    expect((await send({ starttls }, must)).error).toBe("");
    const plain = await send({}, must);
    expect([plain.error === "", plain.mails]).toEqual([false, []]);
    const never = await send({ starttls }, { "smtp.starttls_policy": "NoStartTLS" });
    expect([never.error, never.commands.includes("STARTTLS")]).toEqual(["", false]);
  },
);

test.skipIf(!openssl)("the client certificate is read from its files for each mail", async () => {
  const { cert, key } = selfSigned();
  const files = { "smtp.cert_file": "client.pem", "smtp.key_file": "client-key.pem", "smtp.skip_verify": true };
  expect((await send({ starttls: { cert, key } }, files)).error).toMatch(/client\.pem/);
  writeFileSync(join(folder, "client.pem"), cert);
  writeFileSync(join(folder, "client-key.pem"), key);
  expect((await send({ starttls: { cert, key } }, files)).error).toBe("");
});

test("an error of the mail server has neither the password nor the mail", async () => {
  const { error } = await send(
    { mechanisms: ["PLAIN"], replies: { AUTH: "535 no" } },
    { "smtp.user": "u1", "smtp.password": "p-secret" },
  );
  expect(error).toMatch(/535/);
  expect(error).not.toMatch(/p-secret|Text|Html/);
  const long = await send({ replies: { MAIL: `250 ${"x".repeat(2_000_000)}` } });
  expect(long.error).not.toBe("");
});

test("invalid settings are refused with their names", () => {
  const opened = (changes: Partial<Settings>) => () => mailSender(settingsOf(changes), { cwd: folder });
  expect(opened({ "smtp.host": "mail.x.org" })).toThrow('smtp.host: "mail.x.org" is not an address of a mail server');
  expect(opened({ "smtp.host": "mail.x.org:0" })).toThrow("smtp.host");
  expect(opened({ "smtp.from_address": "a, b" })).toThrow('smtp.from_address: "a, b" is not a mail address');
  expect(opened({ "smtp.enabled": false, "smtp.host": "nonsense" })()).toBeUndefined();
});

test("isMailAddress() accepts one address only", () => {
  expect(["ann@x.org", "a.b+c@localhost"].map(isMailAddress)).toEqual([true, true]);
  const none = ["ann", "a@b,c@d", "a@b c@d", "Ann <a@b>", "a@b\r\nBcc: c@d", `${"a".repeat(250)}@x.org`, ""];
  expect(none.filter(isMailAddress)).toEqual([]);
});

test("texts of users are escaped and cannot add lines", () => {
  const mail = resetMail({ name: 'A\r\nBcc: x <img src="x">', url: "https://x/?a=1&b=2", lifetimeMs: 7_200_000 });
  expect(mail.html).toContain("Hello A Bcc: x &lt;img src=&quot;x&quot;&gt;,");
  expect(mail.html).toContain('href="https://x/?a=1&amp;b=2"');
  expect(mail.text).toContain("Hello A Bcc: x");
  expect(mail.text).toContain("valid for 2 hours");
  expect([60_000, 3_600_000, 86_400_000].map(durationText)).toEqual(["1 minute", "1 hour", "24 hours"]);
});
