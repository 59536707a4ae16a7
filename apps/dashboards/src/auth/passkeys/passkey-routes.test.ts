import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { type Deviations, SoftwareAuthenticator } from "../../testing/software-authenticator.ts";
import { TestBrowser } from "../../testing/test-browser.ts";
import { unstartedHost } from "../../testing/unstarted-role.ts";

const ORIGIN = "https://grafana.example";
const START = 1_800_000_000_000;
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

/** Signs in with a passkey in a browser. Returns the status, and the message of a refusal. */
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
