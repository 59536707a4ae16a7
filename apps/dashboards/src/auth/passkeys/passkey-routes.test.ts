import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { type Deviations, SoftwareAuthenticator } from "../../testing/software-authenticator.ts";
import { TestBrowser } from "../../testing/test-browser.ts";
import { unstartedHost } from "../../testing/unstarted-role.ts";

const ORIGIN = "https://grafana.example";
// Start time with fractions of a millisecond, as real clocks have.
const START = 1_800_000_000_000.25;
const MINUTE_MS = 60_000;
const REFUSED = { status: 401, messageId: "passkey.refused", message: "The passkey was not accepted" };

/** Starts a server at grafana.example, and signs its admin in with the password. */
async function withAdmin(settings: Readonly<Record<string, string>> = {}) {
  const clock = new ManualClock(START);
  const role = await unstartedHost({ settings: { GF_SERVER_ROOT_URL: ORIGIN, ...settings }, clock });
  const browser = new TestBrowser(role.app);
  const login = (user = "admin", from = browser) => from.post("/login", { user, password: "secret" });
  expect((await login()).status).toBe(200);
  return { ...role, clock, browser, login, device: new SoftwareAuthenticator(ORIGIN) };
}

type Admin = Awaited<ReturnType<typeof withAdmin>>;

async function register(
  { browser, device }: Pick<Admin, "browser" | "device">,
  deviations: Deviations = {},
  name = "Key",
) {
  const { json: options } = await browser.post("/api/user/passkeys/options");
  return browser.post("/api/user/passkeys", { name, response: device.create(options, deviations) });
}

/** Signs in with a passkey. Returns the status, and the message of a refusal. */
async function signIn(from: TestBrowser, device: SoftwareAuthenticator, deviations: Deviations = {}) {
  const { json: options } = await from.post("/login/passkey/options");
  return answerOf(await from.post("/login/passkey", device.get(options, deviations)));
}

const answerOf = ({ status, json }: { status: number; json: Record<string, string> }) => ({
  status,
  ...(json["messageId"] === undefined ? {} : { messageId: json["messageId"] }),
  message: json["message"],
});

test("a user adds a passkey, signs in with it in another browser, and deletes it", async () => {
  const admin = await withAdmin();
  const { app, clock, browser, device } = admin;
  const { json: options } = await browser.post("/api/user/passkeys/options");
  expect(options).toMatchObject({
    rp: { id: "grafana.example" },
    user: { name: "admin" },
    attestation: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    excludeCredentials: [],
  });
  const added = await browser.post("/api/user/passkeys", { name: " Laptop ", response: device.create(options) });
  const created = { name: "Laptop", createdAt: new Date(START).toISOString() };
  expect([added.status, added.json]).toEqual([200, { id: expect.any(String), ...created, lastUsedAt: null }]);
  await clock.advance(MINUTE_MS);
  const other = new TestBrowser(app, { address: "10.0.0.2" });
  const { json: request } = await other.post("/login/passkey/options");
  expect(request).toMatchObject({ rpId: "grafana.example", allowCredentials: [], userVerification: "required" });
  const done = await other.post("/login/passkey", device.get(request));
  expect([done.status, done.json]).toEqual([200, { message: "Logged in", redirectUrl: "/" }]);
  expect((await other.get("/api/user")).json.login).toBe("admin");
  const { json: list } = await other.get("/api/user/passkeys");
  expect(list).toEqual([{ ...added.json, lastUsedAt: new Date(START + MINUTE_MS).toISOString() }]);
  expect((await other.post("/api/user/passkeys/options")).json.excludeCredentials).toMatchObject([{ id: list[0].id }]);
  expect((await other.send("DELETE", `/api/user/passkeys/${list[0].id}`)).json).toEqual({ message: "Passkey deleted" });
  expect((await other.send("DELETE", `/api/user/passkeys/${list[0].id}`)).status).toBe(404);
  expect(await signIn(other, device)).toEqual(REFUSED);
});

test.each<[string, Deviations, string]>([
  ["a challenge of the attacker", { challenge: "A".repeat(43) }, "the challenge is another one"],
  ["a page of another origin", { origin: "https://grafana.example.evil" }, "the page has another address"],
  ["a page at another port", { origin: `${ORIGIN}:8443` }, "the page has another address"],
  ["a page without TLS", { origin: "http://grafana.example" }, "the page has another address"],
  ["a frame of another site", { crossOrigin: true }, "the page is in a frame"],
  ["the answer of a registration", { clientType: "webauthn.create" }, "the answer is for another purpose"],
  ["a passkey of another site", { rpId: "example" }, "the passkey belongs to another site"],
  ["a device that has not verified the user", { isVerified: false }, "the device has not verified the user"],
  ["the handle of another user", { userHandle: "dmVyYQ" }, "the passkey belongs to another user"],
  ["no handle", { userHandle: "" }, "the answer is incomplete"],
])("a sign-in with %s is refused, and the log has the reason", async (_title, deviations, reason) => {
  const admin = await withAdmin();
  await register(admin);
  const other = new TestBrowser(admin.app);
  expect(await signIn(other, admin.device, deviations)).toEqual(REFUSED);
  expect((await other.get("/api/user")).status).toBe(401);
  expect(admin.host.output.stderr).toMatch(
    new RegExp(`msg="A sign-in with a passkey was refused" reason="${reason}.*" user=admin address=10.0.0.1`),
  );
  expect((await signIn(other, admin.device)).status).toBe(200);
});

test("answers that are not those of a device are refused in the same way", async () => {
  const admin = await withAdmin();
  await register(admin);
  const other = new TestBrowser(admin.app);
  const { json: options } = await other.post("/login/passkey/options");
  const answer = admin.device.get(options) as { readonly id: string; readonly response: Record<string, unknown> };
  const { response } = answer;
  const bad = [
    {},
    { ...answer, id: "" },
    { ...answer, id: 7 },
    { ...answer, id: "x".repeat(2000) },
    { ...answer, rawId: "eHg" },
    { ...answer, type: "password" },
    { ...answer, response: [] },
    { ...answer, response: { ...response, signature: [] } },
    { ...answer, response: { ...response, clientDataJSON: "e30" } },
    { ...answer, response: { ...response, clientDataJSON: "%" } },
    { ...answer, response: { ...response, authenticatorData: "AAAA" } },
    { ...answer, response: { ...response, signature: "MAA" } },
  ];
  const cookies = new Map(other.cookies);
  for (const body of bad) {
    // Each attempt comes from another address, because failures of an address are counted.
    const from = new TestBrowser(admin.app, { address: `10.1.0.${bad.indexOf(body)}` });
    for (const [name, value] of cookies) from.cookies.set(name, value);
    expect(answerOf(await from.post("/login/passkey", body)), JSON.stringify(body)).toEqual(REFUSED);
  }
  expect((await other.post("/login/passkey", answer)).status).toBe(200);
  expect((await other.post("/login/passkey", { padding: "x".repeat(70_000) })).status).toBe(413);
});

test("a challenge is accepted once, for five minutes, and only in its browser", async () => {
  const admin = await withAdmin();
  const { app, clock, device } = admin;
  await register(admin);
  const [own, other] = [new TestBrowser(app), new TestBrowser(app)];
  const { json: options } = await own.post("/login/passkey/options");
  const cookies = new Map(own.cookies);
  // Simulates a device that does not count sign-ins, so that a replayed response is recognised only by its challenge.
  const answer = device.get(options, { counter: 0 });
  expect(answerOf(await other.post("/login/passkey", answer))).toEqual(REFUSED);
  await other.post("/login/passkey/options");
  expect(answerOf(await other.post("/login/passkey", answer))).toEqual(REFUSED);
  expect((await own.post("/login/passkey", answer)).status).toBe(200);
  const replay = async () => {
    const thief = new TestBrowser(app);
    for (const [name, value] of cookies) thief.cookies.set(name, value);
    return answerOf(await thief.post("/login/passkey", answer));
  };
  expect(await replay()).toEqual(REFUSED);
  expect(admin.host.output.stderr).toContain("the challenge was used already");
  await clock.advance(5 * MINUTE_MS);
  expect(await replay()).toEqual(REFUSED);
  const { json: late } = await own.post("/login/passkey/options");
  await clock.advance(5 * MINUTE_MS - 1);
  const onTime = await own.post("/login/passkey", device.get(late, { counter: 0 }));
  expect(onTime.status).toBe(200);
  const { json: later } = await own.post("/login/passkey/options");
  await clock.advance(5 * MINUTE_MS);
  expect(answerOf(await own.post("/login/passkey", device.get(later, { counter: 0 })))).toEqual(REFUSED);
});

test("a challenge that the browser has changed, or that is for a registration, is refused", async () => {
  const admin = await withAdmin();
  const { app, browser, device } = admin;
  await register(admin);
  const other = new TestBrowser(app);
  const { json: options } = await other.post("/login/passkey/options");
  const [until = "", , signature = ""] = other.cookies.get("narthex_passkey")!.split(".");
  const chosen = "A".repeat(43);
  for (const text of [
    `${until}.${chosen}.${signature}`,
    `9${until}.${options.challenge}.${signature}`,
    `${until}.${chosen}.`,
  ]) {
    other.cookies.set("narthex_passkey", text);
    const challenge = text.includes(chosen) ? chosen : options.challenge;
    expect(answerOf(await other.post("/login/passkey", device.get({ ...options, challenge })))).toEqual(REFUSED);
  }
  const { json: registration } = await browser.post("/api/user/passkeys/options");
  other.cookies.set("narthex_passkey", browser.cookies.get("narthex_passkey")!);
  const answer = device.get({ rpId: "grafana.example", challenge: registration.challenge });
  expect(answerOf(await other.post("/login/passkey", answer))).toEqual(REFUSED);
});

test("a passkey whose counter goes back is refused, because it may have been copied", async () => {
  const admin = await withAdmin();
  await register(admin);
  const other = new TestBrowser(admin.app);
  expect((await signIn(other, admin.device, { counter: 5 })).status).toBe(200);
  expect(await signIn(other, admin.device, { counter: 5 })).toEqual(REFUSED);
  expect(await signIn(other, admin.device, { counter: 4 })).toEqual(REFUSED);
  expect(await signIn(other, admin.device, { counter: 0 })).toEqual(REFUSED);
  expect(admin.host.output.stderr).toContain("the counter of the passkey went back");
  expect((await signIn(other, admin.device, { counter: 6 })).status).toBe(200);
});

/** Adds the user vera, and signs vera in with a browser and a device of her own. */
async function withVera({ app, browser, login }: Admin) {
  const { json } = await browser.post("/api/admin/users", { login: "vera", email: "vera@x", password: "secret" });
  const own = new TestBrowser(app, { address: "10.0.0.7" });
  expect((await login("vera", own)).status).toBe(200);
  return { id: json.id as number, browser: own, device: new SoftwareAuthenticator(ORIGIN) };
}

test("a user can neither register, delete nor use the passkey of another user", async () => {
  const admin = await withAdmin();
  const vera = await withVera(admin);
  const { json: added } = await register(admin);
  const { json: options } = await vera.browser.post("/api/user/passkeys/options");
  const answer = vera.device.create(options);
  const [first, second] = [answer, answer].map((response) => ({ name: "", response }));
  const cookies = new Map(vera.browser.cookies);
  expect((await vera.browser.post("/api/user/passkeys", first)).json.name).toBe("Passkey");
  for (const [name, value] of cookies) vera.browser.cookies.set(name, value);
  const again = await vera.browser.post("/api/user/passkeys", second);
  expect([again.status, again.json.message]).toEqual([409, "This passkey is registered already"]);
  expect((await vera.browser.send("DELETE", `/api/user/passkeys/${added.id}`)).status).toBe(404);
  expect((await admin.browser.get("/api/user/passkeys")).json).toHaveLength(1);
  expect((await signIn(new TestBrowser(admin.app), admin.device)).status).toBe(200);
  // Vera's device signs with the id of the admin's passkey: first with vera's user handle, then with the admin's.
  const userHandle = (await admin.browser.post("/api/user/passkeys/options")).json.user.id;
  for (const deviations of [{}, { userHandle }]) {
    const thief = new TestBrowser(admin.app, { address: "10.0.0.9" });
    const { json: request } = await thief.post("/login/passkey/options");
    const forged = { ...vera.device.get(request, deviations), id: added.id, rawId: added.id };
    expect(answerOf(await thief.post("/login/passkey", forged))).toEqual(REFUSED);
  }
  expect(admin.host.output.stderr).toContain('reason="the signature is wrong"');
});

test("a sign-in begins a new session, and does not take over one that a stranger has set in the browser", async () => {
  const admin = await withAdmin();
  await register(admin);
  const vera = await withVera(admin);
  const victim = new TestBrowser(admin.app);
  const planted = vera.browser.cookies.get("grafana_session")!;
  victim.cookies.set("grafana_session", planted);
  expect((await signIn(victim, admin.device)).status).toBe(200);
  expect(victim.cookies.get("grafana_session")).not.toBe(planted);
  expect((await victim.get("/api/user")).json.login).toBe("admin");
  expect((await vera.browser.get("/api/user")).json.login).toBe("vera");
});

test("a page of another site cannot sign a browser in with a passkey", async () => {
  const { app } = await withAdmin();
  const evil = new TestBrowser(app, { headers: { origin: "https://evil.example" } });
  for (const path of ["/login/passkey/options", "/login/passkey"])
    expect((await evil.post(path)).json).toEqual({ message: "origin not allowed" });
});

test("disabled and deleted users cannot sign in with a passkey, and an admin can remove passkeys", async () => {
  const admin = await withAdmin();
  const vera = await withVera(admin);
  await register(vera);
  const url = `/api/admin/users/${vera.id}`;
  const from = (n: number) => new TestBrowser(admin.app, { address: `10.2.0.${n}` });
  await admin.browser.post(`${url}/disable`);
  expect(await signIn(from(1), vera.device)).toEqual(REFUSED);
  await admin.browser.post(`${url}/enable`);
  expect((await signIn(from(1), vera.device)).status).toBe(200);
  expect((await admin.browser.get(`${url}/second-step`)).json).toEqual({ passkeys: 1, twoStep: false });
  const removed = await admin.browser.send("DELETE", `${url}/second-step`);
  expect(removed.json).toEqual({ message: "Passkeys and two-step codes removed" });
  expect((await vera.browser.get("/api/user")).status).toBe(401);
  expect(await signIn(from(2), vera.device)).toEqual(REFUSED);
  await admin.login("vera", vera.browser);
  await register(vera);
  expect((await signIn(from(3), vera.device)).status).toBe(200);
  expect((await admin.browser.send("DELETE", url)).status).toBe(200);
  expect(await signIn(from(4), vera.device)).toEqual(REFUSED);
  expect((await admin.browser.get(`${url}/second-step`)).status).toBe(404);
  const { records } = (await admin.browser.get("/api/narthex/audit?kind=passkey&action=deleted")).json;
  expect(records).toHaveLength(2);
});

test("an admin cannot remove the own second step without a code", async () => {
  const { browser } = await withAdmin();
  const answer = await browser.send("DELETE", "/api/admin/users/1/second-step");
  expect([answer.status, answer.json.message]).toEqual([400, expect.stringContaining("grafana cli")]);
});

test("changes need a session that began within 15 minutes, and not a password or token", async () => {
  const { app, browser, clock, device } = await withAdmin();
  const { json: options } = await browser.post("/api/user/passkeys/options");
  const body = { name: "Key", response: device.create(options) };
  const basic = new TestBrowser(app, { headers: { authorization: `Basic ${btoa("admin:secret")}` } });
  const changes = [
    ["POST", "/api/user/passkeys/options"],
    ["POST", "/api/user/passkeys"],
    ["DELETE", "/api/user/passkeys/x"],
    ["POST", "/api/user/two-step"],
    ["POST", "/api/user/two-step/confirm"],
    ["POST", "/api/user/two-step/recovery-codes"],
    ["POST", "/api/user/two-step/disable"],
  ] as const;
  for (const [method, url] of [...changes, ["GET", "/api/user/passkeys"], ["GET", "/api/user/two-step"]] as const) {
    const { status, json } = await basic.send(method, url, method === "GET" ? undefined : {});
    expect([url, status, json.messageId]).toEqual([url, 403, "sign-in.no-session"]);
  }
  await clock.advance(15 * MINUTE_MS);
  expect((await browser.post("/api/user/passkeys/options")).status).toBe(200);
  await clock.advance(1);
  for (const [method, url] of changes) {
    const { status, json } = await browser.send(method, url, body);
    expect([url, status, json.messageId]).toEqual([url, 403, "sign-in.not-recent"]);
    expect(json.message).toMatch(/^Sign out and in again first, /);
  }
  expect((await browser.get("/api/user/passkeys")).json).toEqual([]);
});

test("a registration is accepted only in its session, from the right page and a device that verifies users", async () => {
  const admin = await withAdmin();
  const { browser, device } = admin;
  const messages: string[] = [];
  for (const deviations of [
    { origin: "https://evil.example" },
    { rpId: "evil.example" },
    { isVerified: false },
    { challenge: "A".repeat(43) },
    { clientType: "webauthn.get" },
  ]) {
    const { status, json } = await register(admin, deviations);
    expect(status).toBe(400);
    messages.push(json.message);
  }
  expect(messages).toEqual([
    "The passkey was not accepted: the page has another address than server.root_url",
    "The passkey was not accepted: the passkey belongs to another site",
    "The passkey was not accepted: the device has not verified the user",
    "The passkey was not accepted: the challenge is another one",
    "The passkey was not accepted: the answer is for another purpose",
  ]);
  expect((await register(admin, {}, "x".repeat(101))).json.message).toMatch(/at most 100 characters/);
  expect((await browser.post("/api/user/passkeys", { name: "x", response: {} })).status).toBe(400);
  const vera = await withVera(admin);
  const { json: options } = await browser.post("/api/user/passkeys/options");
  vera.browser.cookies.set("narthex_passkey", browser.cookies.get("narthex_passkey")!);
  const foreign = await vera.browser.post("/api/user/passkeys", { name: "x", response: device.create(options) });
  expect([foreign.status, foreign.json.message]).toEqual([400, expect.stringContaining("began in another browser")]);
  expect((await browser.get("/api/user/passkeys")).json).toEqual([]);
});

test("a user has 20 passkeys at most", async () => {
  const admin = await withAdmin();
  for (let i = 0; i < 20; i++) expect((await register(admin)).status).toBe(200);
  const { status, json } = await admin.browser.post("/api/user/passkeys/options");
  expect([status, json.message]).toEqual([400, "You have 20 passkeys, and more are not possible: delete one first"]);
});

test("users of other systems, who have no password here, can have no passkeys", async () => {
  const settings = { GF_AUTH_PROXY_ENABLED: "true", GF_AUTH_PROXY_ENABLE_LOGIN_TOKEN: "true" };
  const { app } = await withAdmin(settings);
  const headers = { "x-webauth-user": "ann", "sec-fetch-site": "same-origin" };
  const byProxy = new TestBrowser(app, { headers });
  expect((await byProxy.get("/api/user")).json.login).toBe("ann");
  const browser = new TestBrowser(app, { headers: { "sec-fetch-site": "same-origin" } });
  for (const [name, value] of byProxy.cookies) browser.cookies.set(name, value);
  for (const url of ["/api/user/passkeys/options", "/api/user/two-step"]) {
    const { status, json } = await browser.post(url);
    expect([status, json.message]).toEqual([403, expect.stringMatching(/^You cannot have /)]);
  }
});

test.each([
  ["auth.passkeys.enabled is off", { GF_AUTH_PASSKEYS_ENABLED: "false" }],
  ["root_url has an IPv4 address", { GF_SERVER_ROOT_URL: "https://192.0.2.1/" }],
  ["root_url has an IPv6 address", { GF_SERVER_ROOT_URL: "https://[2001:db8::1]/" }],
])("passkeys are off if %s", async (_title, settings) => {
  const { browser } = await withAdmin(settings);
  expect((await browser.get("/api/frontend/settings")).json.narthexPasskeys).toBeUndefined();
  for (const url of ["/login/passkey/options", "/login/passkey", "/api/user/passkeys/options", "/api/user/passkeys"]) {
    const { status, json } = await browser.post(url);
    expect([status, json.message]).toEqual([403, expect.stringContaining("passkeys are disabled")]);
  }
});

test("without the login form passkeys are off too, because people sign in only at a provider", async () => {
  const { app } = await unstartedHost({ settings: { GF_AUTH_DISABLE_LOGIN_FORM: "true" } });
  const browser = new TestBrowser(app);
  expect((await browser.get("/api/frontend/settings")).json.narthexPasskeys).toBeUndefined();
  expect((await browser.post("/login/passkey/options")).status).toBe(403);
});

test("the host of root_url is the site of the passkeys, without port and path", async () => {
  const { app } = await unstartedHost({ settings: { GF_SERVER_ROOT_URL: "https://grafana.example:8443/sub/" } });
  const { json } = await new TestBrowser(app).get("/api/frontend/settings");
  expect(json.narthexPasskeys).toEqual({ rpId: "grafana.example" });
});

test("failed sign-ins with passkeys count: a network is refused after too many, and another one is not", async () => {
  const admin = await withAdmin();
  await register(admin);
  const guesser = new TestBrowser(admin.app, { address: "10.0.0.66" });
  const guess = async (id: string) => answerOf(await guesser.post("/login/passkey", { id })).message;
  for (let i = 0; i < 5; i++) expect(await guess("same")).toBe(REFUSED.message);
  expect(await guess("same")).toBe("Too many failed logins; try again in 5 minutes");
  for (let i = 0; i < 45; i++) expect(await guess(`other${i}`)).toBe(REFUSED.message);
  expect(await guess("another")).toMatch(/^Too many/);
  expect((await guesser.post("/login", { user: "admin", password: "secret" })).json.message).toMatch(/^Too many/);
  expect(await signIn(guesser, admin.device)).toMatchObject({ status: 401, messageId: "passkey.refused" });
  expect((await signIn(new TestBrowser(admin.app), admin.device)).status).toBe(200);
});

test("the audit log names users and passkeys, and neither it nor the log contains keys, challenges or ids", async () => {
  const admin = await withAdmin({ GF_LOG_LEVEL: "debug" });
  const { app, browser, device, host } = admin;
  const { json: options } = await browser.post("/api/user/passkeys/options");
  const created = device.create(options) as { readonly id: string; readonly response: Record<string, string> };
  await browser.post("/api/user/passkeys", { name: "Laptop", response: created });
  const other = new TestBrowser(app);
  const { json: request } = await other.post("/login/passkey/options");
  const cookie = other.cookies.get("narthex_passkey")!;
  const used = device.get(request) as typeof created;
  expect((await other.post("/login/passkey", used)).status).toBe(200);
  const wrong = device.get({ ...request, challenge: "wrong-challenge" }, { counter: 1 }) as typeof created;
  await other.post("/login/passkey/options");
  expect((await other.post("/login/passkey", wrong)).status).toBe(401);
  await browser.send("DELETE", `/api/user/passkeys/${created.id}`);
  const { records } = (await browser.get("/api/narthex/audit?limit=100")).json;
  const shown = (records as Record<string, unknown>[]).map(({ action, kind, uid, name }) => [action, kind, uid, name]);
  expect(shown).toEqual(
    expect.arrayContaining([
      ["created", "passkey", "1", "Laptop"],
      ["deleted", "passkey", "1", "Laptop"],
      ["sign-in-failed", "session", "passkey", undefined],
    ]),
  );
  expect(shown.filter(([action, kind]) => action === "changed" && kind === "passkey")).toEqual([]);
  const seen = host.output.stderr + (await browser.get("/api/narthex/audit/export")).text;
  const canaries = [options.challenge, request.challenge, "wrong-challenge", cookie, created.id];
  for (const text of [...canaries, ...Object.values(created.response), ...Object.values(used.response)])
    if (typeof text === "string" && text.length > 8) expect(seen).not.toContain(text);
});
