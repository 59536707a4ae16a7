import { ManualClock } from "@narthex/runtime/testing";
import { Secret, TOTP } from "otpauth";
import { expect, test } from "vitest";
import { TestBrowser } from "../../testing/test-browser.ts";
import { unstartedHost } from "../../testing/unstarted-role.ts";

const START = 1_800_000_000_000;
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
  const confirmed = await browser.post("/api/user/two-step/confirm", { code: code() });
  expect(confirmed.status).toBe(200);
  return { setup, code, codeAt, recoveryCodes: confirmed.json.recoveryCodes as string[] };
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
