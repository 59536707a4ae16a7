import fastify, { type FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { loadSettings } from "../../settings/load-settings.ts";
import { publicAddress } from "../../web/public-address.ts";
import { SessionCookies } from "./cookies.ts";
import { sameOriginCheck } from "../same-origin.ts";
import type { Session, Sessions } from "./sessions.ts";

const settingsOf = (env: Readonly<Record<string, string>>) =>
  loadSettings({ env, overrides: [], ini: undefined, readFile: () => "" }).values;

const SESSIONS = { lifetimeMs: 1_234_567, rotationDue: () => 2_345_678 } as unknown as Sessions;

/**
 * Returns the cookies of four responses: two set and clear the session; two set and clear the path to open after the
 * login.
 */
async function cookiesWith(env: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const settings = settingsOf(env);
  const cookies = new SessionCookies(settings, publicAddress(settings));
  const app = fastify();
  app.get("/set", (_, reply) => (cookies.set(reply, "token", {} as Session, SESSIONS), reply.send("")));
  app.get("/clear", (_, reply) => (cookies.clear(reply), reply.send("")));
  app.get(
    "/remember",
    (_, reply) => (cookies.remember(reply, "/d/x y?a=b"), cookies.remember(reply, ""), reply.send("")),
  );
  const answers = await Promise.all(["/set", "/clear", "/remember"].map((url) => app.inject(url)));
  return answers.flatMap(({ headers }) => headers["set-cookie"]);
}

test.each([
  [{}, "grafana_session", "; Path=/; SameSite=Lax"],
  [
    { GF_SECURITY_COOKIE_SAMESITE: "strict", GF_SECURITY_COOKIE_SECURE: "true" },
    "grafana_session",
    "; Path=/; SameSite=Strict; Secure",
  ],
  [{ GF_SECURITY_COOKIE_SAMESITE: "none" }, "grafana_session", "; Path=/; SameSite=None; Secure"],
  [
    { GF_SECURITY_COOKIE_SAMESITE: "disabled", GF_SERVER_ROOT_URL: "http://x/sub/", GF_AUTH_LOGIN_COOKIE_NAME: "mine" },
    "mine",
    "; Path=/sub",
  ],
])("with %j cookies are named after %s and end with %s", async (env, name, end) => {
  expect(await cookiesWith(env)).toEqual([
    `${name}=token; Max-Age=1235${end}; HttpOnly`,
    `${name}_expiry=2346; Max-Age=1235${end}`,
    `${name}=; Max-Age=0${end}; HttpOnly`,
    `${name}_expiry=; Max-Age=0${end}`,
    `redirect_to=%2Fd%2Fx%20y%3Fa%3Db${end}; HttpOnly`,
    `redirect_to=; Max-Age=0${end}; HttpOnly`,
  ]);
});

const OPEN = { GF_AUTH_ANONYMOUS_ENABLED: "true", GF_AUTH_ANONYMOUS_ORG_ROLE: "Editor" };
const COOKIE = { cookie: "a=b", host: "h:1" };

test.each<[env: Readonly<Record<string, string>>, method: string, url: string, headers: object, isTaken: boolean]>([
  [{}, "POST", "/x", { host: "h:1", origin: "http://evil" }, true],
  [{}, "GET", "/x", { ...COOKIE, origin: "http://evil" }, true],
  [{}, "HEAD", "/login", { origin: "http://evil" }, true],
  [{}, "OPTIONS", "/x", { ...COOKIE, origin: "http://evil" }, true],
  [{}, "POST", "/x", { ...COOKIE, origin: "http://evil" }, false],
  [{}, "POST", "/x", { ...COOKIE, origin: "http://h:1" }, true],
  [{}, "POST", "/x", { ...COOKIE, origin: "http://h" }, false],
  [{}, "POST", "/x", { ...COOKIE, origin: "null" }, false],
  [{}, "POST", "/x", { ...COOKIE, origin: "file://" }, false],
  [{}, "POST", "/x", COOKIE, true],
  [{}, "POST", "/x", { ...COOKIE, "sec-fetch-site": "same-origin" }, true],
  [{}, "POST", "/x", { ...COOKIE, "sec-fetch-site": "same-site" }, false],
  [{}, "POST", "/x", { ...COOKIE, "sec-fetch-site": "cross-site" }, false],
  [{}, "POST", "/login", { host: "h:1", origin: "http://evil" }, false],
  [{ GF_SERVER_ROOT_URL: "https://public/" }, "POST", "/x", { ...COOKIE, origin: "https://public" }, true],
  [{ GF_SECURITY_CSRF_TRUSTED_ORIGINS: "one two:3" }, "POST", "/x", { ...COOKIE, origin: "http://two:3" }, true],
  [OPEN, "POST", "/x", { host: "h:1", origin: "http://evil" }, false],
  [{ ...OPEN, GF_AUTH_ANONYMOUS_ORG_ROLE: "Admin" }, "POST", "/x", { origin: "http://evil" }, false],
  [{ ...OPEN, GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer" }, "POST", "/x", { origin: "http://evil" }, true],
  [{ ...OPEN, GF_AUTH_ANONYMOUS_ENABLED: "false" }, "POST", "/x", { origin: "http://evil" }, true],
])("with %j the request %s %s with %j is accepted: %s", (env, method, url, headers, isTaken) => {
  const settings = settingsOf(env);
  const check = sameOriginCheck(settings, publicAddress(settings));
  expect(check({ method, headers, routeOptions: { url } } as unknown as FastifyRequest)).toBe(isTaken);
});
