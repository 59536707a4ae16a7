import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, testHost } from "@narthex/runtime/testing";
import { Secret, TOTP } from "otpauth";
import { expect, test } from "vitest";
import { runCli } from "../../cli/cli.ts";
import { TestBrowser } from "../../testing/test-browser.ts";
import { unstartedHost } from "../../testing/unstarted-role.ts";

// Start time with fractions of a millisecond, as real clocks have.
const START = 1_800_000_000_000.25;
const STEP_MS = 30_000;
const REQUIRED = [401, "two-step.required", "Enter the code of your authenticator app"];
const WRONG = [401, "two-step.wrong-code", "The code is wrong, or was used already"];

/** Starts a server whose admin signs in, in a browser, with the password. */
async function withAdmin(settings: Readonly<Record<string, string>> = {}) {
  const clock = new ManualClock(START);
  const role = await unstartedHost({ settings, clock });
  const browser = new TestBrowser(role.app);
  expect((await login(browser)).status).toBe(200);
  return { ...role, clock, browser };
}

const login = (from: TestBrowser, given: object = {}) =>
  from.post("/login", { user: "admin", password: "secret", ...given });

type Answer = Awaited<ReturnType<TestBrowser["post"]>>;
const outcomeOf = ({ status, json }: Answer) => [status, json.messageId, json.message];

/** Turns two-step codes on for the user of a browser. */
async function turnOn({ browser, clock }: { browser: TestBrowser; clock: ManualClock }) {
  const { json: setup } = await browser.post("/api/user/two-step");
  const codeAt = (ms: number): string =>
    new TOTP({ secret: Secret.fromBase32(setup.secret) }).generate({ timestamp: ms });
  const code = (): string => codeAt(clock.now());
  /** Returns the i-th of many codes that are wrong at the current time. */
  const wrong = (i: number): string => {
    const right = [-1, 0, 1].map((step) => codeAt(clock.now() + step * STEP_MS));
    const text = String(i).padStart(6, "0");
    return right.includes(text) ? wrong(i + 1000) : text;
  };
  const confirmed = await browser.post("/api/user/two-step/confirm", { code: code() });
  expect(confirmed.status).toBe(200);
  return { setup, code, wrong, recoveryCodes: confirmed.json.recoveryCodes as string[] };
}

test("a user turns two-step codes on, signs in with password and code, and turns them off", async () => {
  const admin = await withAdmin({ GF_SERVER_ROOT_URL: "https://grafana.example/" });
  const { app, clock, browser } = admin;
  expect((await browser.get("/api/user/two-step")).json).toEqual({ enabled: false, recoveryCodesLeft: 0 });
  const { setup, code, recoveryCodes } = await turnOn(admin);
  expect(setup.url).toMatch(
    /^otpauth:\/\/totp\/Narthex:admin%40grafana\.example\?issuer=Narthex&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/,
  );
  expect(new Set(recoveryCodes).size).toBe(10);
  expect((await browser.get("/api/user/two-step")).json).toEqual({ enabled: true, recoveryCodesLeft: 10 });
  const other = new TestBrowser(app);
  expect(outcomeOf(await login(other))).toEqual(REQUIRED);
  await clock.advance(STEP_MS);
  const done = await login(other, { code: code() });
  expect([done.status, done.json]).toEqual([200, { message: "Logged in", redirectUrl: "/" }]);
  expect(outcomeOf(await login(other, { code: code() }))).toEqual(WRONG);
  await clock.advance(STEP_MS);
  expect((await other.post("/api/user/two-step/disable", { code: code() })).status).toBe(200);
  expect((await login(new TestBrowser(app))).status).toBe(200);
});

test("a wrong password gets the same answer, whether the user has two-step codes or not", async () => {
  const admin = await withAdmin();
  const before = await login(new TestBrowser(admin.app), { password: "wrong" });
  const { code, recoveryCodes } = await turnOn(admin);
  await admin.clock.advance(STEP_MS);
  for (const given of ["", code(), "000000", recoveryCodes[0]!]) {
    const after = await login(new TestBrowser(admin.app, { address: "10.0.0.8" }), { password: "wrong", code: given });
    expect([after.status, after.text]).toEqual([before.status, before.text]);
  }
  // Logs in with the correct code, which the failed logins must not have used up.
  expect((await login(new TestBrowser(admin.app), { code: code() })).status).toBe(200);
  expect((await login(new TestBrowser(admin.app), { code: recoveryCodes[0]! })).status).toBe(200);
});

test("a form can contain the code too", async () => {
  const admin = await withAdmin();
  const { recoveryCodes } = await turnOn(admin);
  const send = (code: string) =>
    admin.app.inject({
      method: "POST",
      url: "/login",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      payload: `user=admin&password=secret${code}`,
    });
  expect((await send("")).json()).toMatchObject({ messageId: "two-step.required" });
  expect((await send(`&code=+${recoveryCodes[0]!}+`)).statusCode).toBe(200);
  expect((await send(`&code=${recoveryCodes[0]!}`)).json()).toMatchObject({ messageId: "two-step.wrong-code" });
});

test("a password by Basic authentication is refused for a user with two-step codes, with the remedy", async () => {
  const admin = await withAdmin();
  const basic = (password: string) =>
    new TestBrowser(admin.app, { headers: { authorization: `Basic ${btoa(`admin:${password}`)}` } });
  expect((await basic("secret").get("/api/user")).status).toBe(200);
  const { code } = await turnOn(admin);
  await admin.clock.advance(STEP_MS);
  for (const url of ["/api/user", "/api/search", "/api/dashboards/home"]) {
    const { status, json } = await basic("secret").get(url);
    expect([status, json.messageId]).toEqual([401, "two-step.no-basic"]);
    expect(json.message).toContain("use the token of a service account");
  }
  expect((await basic(`secret${code()}`).get("/api/user")).json.messageId).toBe("password-auth.failed");
  expect((await basic("wrong").get("/api/user")).json.messageId).toBe("password-auth.failed");
  // Other programs of the stack ask this route who has sent a request. The answer is that the sender is unknown.
  expect((await basic("secret").get("/api/narthex/identity")).status).toBe(401);
});

test("guesses of a code are limited for a network, although the password is right and is sent in between", async () => {
  const admin = await withAdmin();
  const { wrong } = await turnOn(admin);
  const guesser = new TestBrowser(admin.app, { address: "10.0.0.66" });
  const basic = new TestBrowser(admin.app, {
    address: "10.0.0.66",
    headers: { authorization: `Basic ${btoa("admin:secret")}` },
  });
  for (let i = 0; i < 5; i++) {
    // Waits until the correct password, which is remembered for a minute, is checked again.
    await admin.clock.advance(i === 0 ? 0 : 61_000);
    expect(outcomeOf(await login(guesser))).toEqual(REQUIRED);
    expect((await basic.get("/api/user")).json.messageId).toBe("two-step.no-basic");
    expect(outcomeOf(await login(guesser, { code: wrong(i) }))).toEqual(WRONG);
  }
  expect((await login(guesser, { code: wrong(9) })).json.message).toMatch(/^Too many failed logins/);
  expect((await login(guesser)).json.message).toMatch(/^Too many failed logins/);
});

test("guesses of a code from many networks are limited together, and the user signs in with a recovery code", async () => {
  const admin = await withAdmin();
  const { app, clock } = admin;
  const { code, wrong, recoveryCodes } = await turnOn(admin);
  await clock.advance(STEP_MS);
  const right = code();
  const guess = async (i: number) => {
    const from = new TestBrowser(app, { address: `10.${i >> 8}.${i & 255}.1` });
    return outcomeOf(await login(from, { code: wrong(i) }));
  };
  for (let i = 0; i < 20; i++) expect(await guess(i)).toEqual(WRONG);
  for (let i = 20; i < 60; i++) {
    expect(await guess(i)).toEqual([
      401,
      "two-step.wrong-code",
      "There were too many wrong codes; try again in 60 minutes, or use a recovery code",
    ]);
  }
  const own = new TestBrowser(app, { address: "10.9.9.9" });
  expect((await login(own, { code: right })).status).toBe(401);
  expect((await login(own, { code: recoveryCodes[0]! })).status).toBe(200);
  await clock.advance(3_600_000);
  expect((await login(own, { code: code() })).status).toBe(200);
});

test("the limit for codes also holds if the protection of passwords is off, and for a signed-in user", async () => {
  const admin = await withAdmin({ GF_SECURITY_DISABLE_BRUTE_FORCE_LOGIN_PROTECTION: "true" });
  const { wrong } = await turnOn(admin);
  const guess = async (url: string) => (await admin.browser.post(url, { code: wrong(0) })).json.message;
  for (let i = 0; i < 10; i++) {
    expect(await guess("/api/user/two-step/disable")).toMatch(/^The code is wrong/);
    expect(await guess("/api/user/two-step/recovery-codes")).toMatch(/^The code is wrong/);
  }
  expect(await guess("/api/user/two-step/disable")).toMatch(/^There were too many wrong codes/);
  const logged = /msg="A two-step code of a signed-in user was refused" user=admin address=10\.0\.0\.1/g;
  expect(admin.host.output.stderr.match(logged)).toHaveLength(21);
  expect((await login(new TestBrowser(admin.app), { code: wrong(0) })).json.message).toMatch(/^There were too many/);
});

test("when codes are turned on, the other sessions of the user end", async () => {
  const admin = await withAdmin();
  const other = new TestBrowser(admin.app);
  await login(other);
  expect((await other.get("/api/user")).status).toBe(200);
  await turnOn(admin);
  expect((await other.get("/api/user")).status).toBe(401);
  expect((await admin.browser.get("/api/user")).status).toBe(200);
});

test("a login with a code begins a new session, and does not take over one that a stranger has set", async () => {
  const admin = await withAdmin();
  const { recoveryCodes } = await turnOn(admin);
  await admin.browser.post("/api/admin/users", { login: "vera", email: "vera@x", password: "secret" });
  const vera = new TestBrowser(admin.app);
  await login(vera, { user: "vera" });
  const victim = new TestBrowser(admin.app);
  const planted = vera.cookies.get("grafana_session")!;
  victim.cookies.set("grafana_session", planted);
  expect(outcomeOf(await login(victim))).toEqual(REQUIRED);
  expect(victim.cookies.get("grafana_session")).toBe(planted);
  expect((await login(victim, { code: recoveryCodes[0]! })).status).toBe(200);
  expect(victim.cookies.get("grafana_session")).not.toBe(planted);
  expect([(await victim.get("/api/user")).json.login, (await vera.get("/api/user")).json.login]).toEqual([
    "admin",
    "vera",
  ]);
});

test("changes of two-step codes in the wrong state, or with a wrong code, are refused", async () => {
  const admin = await withAdmin();
  const { browser } = admin;
  const post = async (path: string, body: object = {}) => {
    const { status, json } = await browser.post(`/api/user/two-step${path}`, body);
    return [status, json.messageId ?? json.message];
  };
  expect(await post("/confirm", { code: "000000" })).toEqual([400, expect.stringContaining("Begin again")]);
  for (const path of ["/disable", "/recovery-codes"])
    expect(await post(path, { code: "000000" })).toEqual([409, "Your two-step codes are off"]);
  await post("");
  for (const code of ["", "00000", "x", "1234567"])
    expect(await post("/confirm", { code })).toEqual([400, "two-step.wrong-code"]);
  expect(await post("/confirm", { code: 7 })).toEqual([400, "bad request data"]);
  const { recoveryCodes } = await turnOn(admin);
  expect(await post("")).toEqual([409, expect.stringContaining("on already")]);
  for (const path of ["/disable", "/recovery-codes"])
    expect(await post(path, { code: "x" })).toEqual([400, "two-step.wrong-code"]);
  const renewed = await browser.post("/api/user/two-step/recovery-codes", { code: recoveryCodes[0] });
  expect(renewed.json.recoveryCodes).toHaveLength(10);
  expect(await post("/disable", { code: recoveryCodes[1] })).toEqual([400, "two-step.wrong-code"]);
  expect(await post("/disable", { code: renewed.json.recoveryCodes[1] })).toEqual([200, "Two-step codes are off"]);
});

test("an admin removes the two-step codes of a user, whose sessions end", async () => {
  const { app, browser, clock } = await withAdmin();
  await browser.post("/api/admin/users", { login: "vera", email: "vera@x", password: "secret" });
  const vera = new TestBrowser(app);
  await login(vera, { user: "vera" });
  await turnOn({ browser: vera, clock });
  const url = "/api/admin/users/2/second-step";
  expect((await browser.get(url)).json).toEqual({ passkeys: 0, twoStep: true });
  expect((await vera.get(url)).status).toBe(403);
  expect((await vera.send("DELETE", "/api/admin/users/1/second-step")).status).toBe(403);
  expect((await browser.send("DELETE", url)).status).toBe(200);
  expect((await browser.get(url)).json).toEqual({ passkeys: 0, twoStep: false });
  expect((await vera.get("/api/user")).status).toBe(401);
  expect((await login(vera, { user: "vera" })).status).toBe(200);
});

test("the command line removes the second step before the next login", async () => {
  const admin = await withAdmin();
  await turnOn(admin);
  const { app, browser, dataFolder, host } = admin;
  const run = async (...args: readonly string[]) => {
    const cli = testHost(["admin", "reset-second-step", ...args], { env: { GF_PATHS_DATA: dataFolder } });
    return [await runCli(cli), cli.output.stdout + cli.output.stderr];
  };
  expect((await run("--user=nobody"))[0]).toBe(0);
  expect(outcomeOf(await login(new TestBrowser(app)))).toEqual(REQUIRED);
  expect(host.output.stderr).toContain("A reset of a second step names no user");
  expect(await run("--user=admin@localhost")).toEqual([0, expect.stringContaining("removed ✔")]);
  expect((await login(new TestBrowser(app))).status).toBe(200);
  expect((await browser.get("/api/user")).status).toBe(401);
  expect(host.output.stderr).toContain('msg="The second step of a user was removed from the command line" user=admin');
  await login(browser);
  const { records } = (await browser.get("/api/narthex/audit?kind=two-step-codes&action=deleted")).json;
  expect(records).toMatchObject([{ actor: { kind: "server" }, name: "admin" }]);
  expect(readdirSync(dataFolder).filter((name) => name.startsWith("second-step"))).toEqual([]);
  expect(await run("x")).toEqual([1, expect.stringContaining("usage: grafana cli")]);
});

test("the audit log shows changes of two-step codes, and neither it nor the log contains secrets or codes", async () => {
  const admin = await withAdmin({ GF_LOG_LEVEL: "debug" });
  const { app, browser, clock, host, dataFolder } = admin;
  const { setup, code, recoveryCodes } = await turnOn(admin);
  const other = new TestBrowser(app);
  await clock.advance(STEP_MS);
  const used = code();
  expect((await login(other)).status).toBe(401);
  expect((await login(other, { code: used })).status).toBe(200);
  expect((await login(other, { code: used })).status).toBe(401);
  expect((await login(other, { code: recoveryCodes[0]! })).status).toBe(200);
  await clock.advance(STEP_MS);
  await other.post("/api/user/two-step/disable", { code: code() });
  const { records } = (await browser.get("/api/narthex/audit?limit=100")).json;
  const shown = (records as Record<string, unknown>[])
    .filter(({ kind, action }) => kind === "two-step-codes" || action === "sign-in-failed")
    .map(({ action, kind, name, before, after, changed }) => ({ action, kind, name, before, after, changed }));
  expect(shown.toReversed()).toEqual([
    { action: "created", kind: "two-step-codes", name: "admin", after: { userId: 1 }, changed: expect.any(Array) },
    // Only one failure is recorded: a login without a code is not a failure.
    { action: "sign-in-failed", kind: "session", name: "admin" },
    { action: "changed", kind: "two-step-codes", name: "admin", changed: ["recoveryCodes"] },
    { action: "deleted", kind: "two-step-codes", name: "admin", before: { userId: 1 }, changed: expect.any(Array) },
  ]);
  expect(host.output.stderr.match(/msg="A login failed"/g)).toHaveLength(1);
  const exported = (await browser.get("/api/narthex/audit/export")).text;
  const files = readdirSync(dataFolder).filter((name) => name.startsWith("narthex.db"));
  const database = files.map((name) => readFileSync(join(dataFolder, name), "latin1")).join("");
  const plain = recoveryCodes.map((one) => one.replaceAll("-", ""));
  for (const text of [setup.secret, ...recoveryCodes, ...plain]) {
    expect(host.output.stderr + exported).not.toContain(text);
    expect(database).not.toContain(text);
  }
  expect(host.output.stderr).not.toMatch(new RegExp(`\\b${used}\\b`));
  expect(exported).not.toMatch(new RegExp(`\\b${used}\\b`));
});
