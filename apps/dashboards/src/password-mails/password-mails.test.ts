import { fakeSmtp } from "@narthex/receivers/testing";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "@narthex/store";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Credentials } from "../auth/credentials/credentials.ts";
import { linkInMail, mailSettings } from "../testing/mail-links.ts";
import { type RunningRole, withRole } from "../testing/running-role.ts";
import { ResetCodes } from "./reset-codes.ts";
import { ResetLimits } from "./reset-limits.ts";

const nobody = { user: "" };
const HOUR_MS = 3_600_000;
const VERA = { login: "vera", email: "vera@example.org", name: "Vera", password: "verasecret" };

const ask = ({ call }: RunningRole, userOrEmail: string) =>
  call("POST", "/api/user/password/send-reset-email", { userOrEmail }, nobody);

const reset = ({ call }: RunningRole, code: string, password: string, confirmPassword = password) =>
  call("POST", "/api/user/password/reset", { code, newPassword: password, confirmPassword }, nobody);

const codeIn = (link: string): string => link.split("code=")[1]!;

test("a lost password is replaced with the link of a mail, once; all sessions end", async () => {
  await using smtp = await fakeSmtp();
  await withRole({ env: mailSettings(smtp) }, async (role) => {
    const { call, host, folder } = role;
    await call("POST", "/api/admin/users", VERA);
    const { headers } = await call("POST", "/login", { user: "vera", password: VERA.password }, nobody);
    const cookie = headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
    expect((await ask(role, "vera")).json).toEqual({ message: "Email sent" });
    const link = await linkInMail(smtp, 1);
    expect(link).toMatch(/^https:\/\/monitoring\.example\.org\/grafana\/user\/password\/reset\?code=[\w-]{43}$/);
    expect(smtp.mails[0]!.to).toEqual(["vera@example.org"]);
    const code = codeIn(link);
    expect((await reset(role, `${code}x`, "new secret")).json.message).toBe("Invalid or expired reset password code");
    expect((await reset(role, code, "new secret", "other")).json.message).toBe("Passwords do not match");
    expect((await reset(role, code, "x")).status).toBe(400);
    expect((await reset(role, code, "new secret")).json).toEqual({ message: "User password changed" });
    expect((await reset(role, code, "third secret")).status).toBe(400);
    expect((await call("GET", "/api/user", undefined, { user: "", headers: { cookie } })).status).toBe(401);
    expect((await call("GET", "/api/user", undefined, { user: "vera:new secret" })).status).toBe(200);
    const records = (await call("GET", "/api/narthex/audit?q=vera")).json.records as { action: string }[];
    expect(records.map(({ action }) => action)).toEqual(expect.arrayContaining(["mail-sent", "password-reset"]));
    const exported = (await call("GET", "/api/narthex/audit/export")).text;
    for (const text of [host.output.stderr, exported, readFileSync(join(folder, "data", "narthex.db-wal"), "latin1")])
      expect(text).not.toContain(code);
  });
});

test("the answer does not depend on the user; unknown and disabled users and those without an address get no mail", async () => {
  await using smtp = await fakeSmtp();
  await withRole({ env: mailSettings(smtp) }, async (role) => {
    const { call } = role;
    await call("POST", "/api/admin/users", VERA);
    await call("POST", "/api/admin/users", { ...VERA, login: "dora", email: "dora@example.org" });
    await call("POST", "/api/admin/users/3/disable");
    await call("POST", "/api/admin/users", { login: "nomail", email: "nomail", password: "secretsecret" });
    const answers = [];
    for (const name of ["nobody", "", "dora", "nomail", "vera@example.org"]) answers.push(await ask(role, name));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set(['200 {"message":"Email sent"}']),
    );
    await linkInMail(smtp, 1);
    expect(smtp.mails.map(({ to }) => to)).toEqual([["vera@example.org"]]);
  });
});

test("a user gets three mails an hour, and a network may send ten requests", async () => {
  await using smtp = await fakeSmtp();
  await withRole({ env: mailSettings(smtp) }, async (role) => {
    await role.call("POST", "/api/admin/users", VERA);
    const statuses = [];
    for (let i = 0; i < 11; i++) statuses.push((await ask(role, "vera")).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
    await linkInMail(smtp, 3);
    // Stopping the server waits until all mails are sent.
  });
  expect(smtp.mails.length).toBe(3);
});

test("a user of a directory or a proxy gets no mail, because a password here would outlive the account there", async () => {
  await using smtp = await fakeSmtp();
  await withRole({ env: { ...mailSettings(smtp), GF_AUTH_PROXY_ENABLED: "true" } }, async (role) => {
    const { call } = role;
    await call("POST", "/api/admin/users", { ...VERA, login: "dora", email: "dora@example.org" });
    await call("POST", "/api/admin/users", VERA);
    const dora = await call("GET", "/api/user", undefined, { user: "", headers: { "x-webauth-user": "dora" } });
    expect(dora.json.id).toBe(2);
    const headers = { "sec-fetch-site": "same-origin" };
    for (const userOrEmail of ["dora", "vera"]) {
      const body = { userOrEmail };
      const { json } = await call("POST", "/api/user/password/send-reset-email", body, { user: "", headers });
      expect(json).toEqual({ message: "Email sent" });
    }
    await linkInMail(smtp, 1);
  });
  expect(smtp.mails.map(({ to }) => to)).toEqual([["vera@example.org"]]);
});

test("without a mail server, or without the login form, no password can be reset", async () => {
  await withRole({}, async (role) => {
    expect((await ask(role, "admin")).status).toBe(412);
    expect((await ask(role, "nobody")).status).toBe(412);
    expect((await role.call("GET", "/api/frontend/settings", undefined, nobody)).json.narthexMailEnabled).toBe(false);
  });
  const env = { ...mailSettings({ port: 1 }), GF_AUTH_DISABLE_LOGIN_FORM: "true" };
  await withRole({ env }, async (role) => {
    expect((await ask(role, "admin")).status).toBe(401);
    expect((await reset(role, "x", "new secret")).status).toBe(401);
  });
});

test("a code expires after two hours, with a new code, and with any other change of the password", async () => {
  const store = openSqlite(":memory:");
  const clock = new ManualClock(1_800_000_000_000);
  const credentials = await Credentials.open(store);
  const hash = { algorithm: "scrypt", salt: "aa", hash: "bb" } as const;
  await credentials.setPassword(7, hash);
  const codes = await ResetCodes.open(store, credentials, clock);
  // A user without a password signs in with another system, and gets no reset code.
  expect(await codes.add(8)).toBeUndefined();
  const [first, second] = [(await codes.add(7))!, (await codes.add(7))!];
  expect([codes.userOf(first), codes.userOf(second)]).toEqual([undefined, 7]);
  expect(JSON.stringify(await store.collection("password_resets").entries())).not.toContain(second);
  await clock.advance(2 * HOUR_MS - 1);
  expect(codes.userOf(second)).toBe(7);
  await clock.advance(1);
  expect([codes.userOf(second), await codes.take(second)]).toEqual([undefined, undefined]);
  const third = (await codes.add(7))!;
  await credentials.setPassword(7, { ...hash, hash: "cc" });
  expect(codes.userOf(third)).toBeUndefined();
  const fourth = (await codes.add(7))!;
  expect(await Promise.all([codes.take(fourth), codes.take(fourth)])).toEqual([7, undefined]);
});

test("the limits count each network and user for an hour, and their counters have a limit", () => {
  const limits = new ResetLimits();
  const admitted = (now: number) => Array.from({ length: 5 }, () => limits.admitsUser(1, now)).filter(Boolean).length;
  expect([admitted(0), admitted(HOUR_MS - 1), admitted(HOUR_MS)]).toEqual([3, 0, 3]);
  for (let i = 0; i < 20_000; i++) limits.admitsNetwork(`n${i}`, HOUR_MS);
  expect(admitted(HOUR_MS)).toBe(3);
});
