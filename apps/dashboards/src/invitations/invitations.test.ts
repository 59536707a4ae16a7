import { fakeSmtp } from "@narthex/receivers/testing";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "@narthex/store";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { decodedMail, linkInMail, mailSettings } from "../testing/mail-links.ts";
import { withRole } from "../testing/running-role.ts";
import { Invitations } from "./invitations.ts";

const nobody = { user: "" };
const HOUR_MS = 3_600_000;
const DRAFT = { email: "ann@example.org", name: "Ann", role: "Editor", invitedBy: 1 } as const;

const codeIn = (link: string): string => link.split("/").at(-1)!;

test("an invited person gets a mail, chooses login and password, and is signed in; the link works once", async () => {
  await using smtp = await fakeSmtp();
  await withRole({ env: mailSettings(smtp) }, async ({ call, host, folder }) => {
    const invite = { loginOrEmail: DRAFT.email, name: "Ann <b>", role: "Editor", sendEmail: true };
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example" };
    const sent = await call("POST", "/api/org/invites", invite, { headers });
    expect([sent.status, sent.json]).toEqual([200, { message: "Sent invite to ann@example.org" }]);
    const [mail] = smtp.mails;
    expect([mail!.from, mail!.to]).toEqual(["dashboards@example.org", ["ann@example.org"]]);
    expect(decodedMail(mail!.message)).toContain("<p>Hello Ann &lt;b&gt;,</p>");
    const link = await linkInMail(smtp, 1);
    expect(link).toMatch(/^https:\/\/monitoring\.example\.org\/grafana\/invite\/[\w-]{43}$/);
    expect(mail!.message).not.toContain("evil");
    const code = codeIn(link);
    const [listed] = (await call("GET", "/api/org/invites")).json;
    expect(listed).toMatchObject({
      email: DRAFT.email,
      role: "Editor",
      status: "InvitePending",
      emailSent: true,
      url: "",
    });
    expect((await call("GET", `/api/user/invite/${listed.code}`, undefined, nobody)).status).toBe(404);
    const shown = await call("GET", `/api/user/invite/${code}`, undefined, nobody);
    expect(shown.json).toEqual({
      email: DRAFT.email,
      name: "Ann <b>",
      username: DRAFT.email,
      invitedBy: "admin@localhost",
    });
    const answer = { inviteCode: code, username: "ann", email: DRAFT.email, password: "ann's secret" };
    const complete = (change: object, options: object = {}) =>
      call("POST", "/api/user/invite/complete", { ...answer, ...change }, { ...nobody, ...options });
    expect((await complete({ password: "x" })).status).toBe(400);
    expect((await complete({ username: "admin" })).json.message).toBe(
      "User with email 'ann@example.org' or username 'admin' already exists",
    );
    expect((await complete({ username: "sa-1-x" })).status).toBe(400);
    expect((await complete({}, { headers: { origin: "https://evil.example" } })).status).toBe(403);
    const twice = await Promise.all([complete({}), complete({ username: "bea", email: "bea@example.org" })]);
    expect(twice.map(({ status }) => status).toSorted()).toEqual([200, 404]);
    const made = twice.find(({ status }) => status === 200)!;
    const login = made === twice[0] ? "ann" : "bea";
    expect(made.json).toEqual({ message: "User created and logged in", id: 2 });
    const cookie = made.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
    const { json: user } = await call("GET", "/api/user", undefined, { user: "", headers: { cookie } });
    expect([user.login, user.isGrafanaAdmin]).toEqual([login, false]);
    expect((await call("GET", "/api/org/users")).json.find((one: { login: string }) => one.login === login).role).toBe(
      "Editor",
    );
    expect((await call("GET", "/api/org/invites")).json).toEqual([]);
    for (const text of [host.output.stderr, readFileSync(join(folder, "data", "narthex.db-wal"), "latin1")])
      expect(text).not.toContain(code);
    expect((await call("GET", "/api/narthex/audit/export")).text).not.toContain(code);
  });
});

test("without a mail server an admin gets the link, and a mail is refused; only admins invite", async () => {
  await withRole({}, async ({ call }) => {
    const invite = (change: object, user = "admin:secret") =>
      call("POST", "/api/org/invites", { loginOrEmail: "bob", role: "Viewer", ...change }, { user });
    const { json } = await invite({});
    expect(json).toMatchObject({
      message: "Created invite for bob",
      narthexUrl: expect.stringMatching(/\/invite\/[\w-]{43}$/),
    });
    expect((await invite({ loginOrEmail: "b@x.org", sendEmail: true })).status).toBe(412);
    expect((await invite({ role: "Owner" })).json.message).toBe("Invalid role specified");
    expect((await invite({ loginOrEmail: "admin" })).json.message).toBe("User admin is already added to organization");
    await call("POST", "/api/admin/users", { login: "eve", password: "evesecret", role: "Editor" });
    expect((await invite({}, "eve:evesecret")).status).toBe(403);
    expect((await invite({}, "")).status).toBe(401);
    const [{ code }] = (await call("GET", "/api/org/invites")).json;
    expect((await call("PATCH", `/api/org/invites/${code}/revoke`, {})).json).toEqual({ message: "Invite revoked" });
    expect((await call("PATCH", `/api/org/invites/${code}/revoke`, {})).status).toBe(404);
    expect((await call("GET", `/api/user/invite/${codeIn(json.narthexUrl)}`, undefined, nobody)).status).toBe(404);
  });
});

test("if the mail server refuses the mail, the invitation is revoked", async () => {
  await using smtp = await fakeSmtp({ replies: { RCPT: "550 no such user" } });
  await withRole({ env: mailSettings(smtp) }, async ({ call, host }) => {
    const invite = { loginOrEmail: "ann@example.org", role: "Viewer", sendEmail: true };
    const refused = await call("POST", "/api/org/invites", invite);
    expect([refused.status, refused.json.message]).toEqual([500, "Failed to send email invite"]);
    expect((await call("GET", "/api/org/invites")).json).toEqual([]);
    expect(host.output.stderr).toContain("The mail of an invitation was not sent");
    // Invites a text with two addresses. The server must not send a mail to it, because the second address would get
    // the mail too.
    const two = await call("POST", "/api/org/invites", { ...invite, loginOrEmail: "a@x.org,b@x.org" });
    expect([two.status, two.json.message]).toEqual([200, "Created invite for a@x.org,b@x.org"]);
    expect(smtp.commands.filter((line) => line.startsWith("RCPT")).length).toBe(1);
  });
});

test("an invitation expires, a new one of the same address replaces it, and their number has a limit", async () => {
  const store = openSqlite(":memory:");
  const clock = new ManualClock(1_800_000_000_000);
  const invitations = await Invitations.open(store, clock, 24 * HOUR_MS);
  const first = await invitations.add(DRAFT);
  const second = await invitations.add({ ...DRAFT, email: "ANN@example.org" });
  expect([invitations.withCode(first.code), invitations.withCode(second.code)?.id]).toEqual([undefined, 2]);
  expect(JSON.stringify(await store.collection("invitations").entries())).not.toContain(second.code);
  await clock.advance(24 * HOUR_MS);
  expect([invitations.withCode(second.code), await invitations.take(second.code)]).toEqual([undefined, undefined]);
  expect(invitations.pending()).toEqual([]);
  for (let i = 0; i < 1000; i++) await invitations.add({ ...DRAFT, email: `${i}@x` });
  await expect(invitations.add({ ...DRAFT, email: "more@x" })).rejects.toThrow("1000 pending invitations");
  await expect(invitations.add({ ...DRAFT, email: "x".repeat(300) })).rejects.toThrow("at most 254 characters");
});
