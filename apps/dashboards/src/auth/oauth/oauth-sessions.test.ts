import { randomBytes } from "node:crypto";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, StoreError } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import { SecretBox } from "../../secrets/secret-box.ts";
import { loadSettings } from "../../settings/load-settings.ts";
import { CLIENT_URL, startOidcServer } from "../../testing/oidc-server.ts";
import { Credentials } from "../credentials/credentials.ts";
import { SignInError } from "../external/external-account.ts";
import { ExternalSignIn } from "../external/external-sign-in.ts";
import { Sessions } from "../sessions/sessions.ts";
import { Teams } from "../teams.ts";
import { Users } from "../users/users.ts";
import { genericKind } from "./kinds/generic.ts";
import { OAuthProvider } from "./oauth-provider.ts";
import { OAuthSessions } from "./oauth-sessions.ts";

const BACK = `${CLIENT_URL}/login/generic_oauth`;
/** A time in ms that is longer than the ten minutes for which access tokens of the fake provider are valid. */
const EXPIRED_MS = 11 * 60_000;
const CLAIMS = { sub: "7", preferred_username: "ann", email: "ann@x", groups: ["ops"] };

/** Signs Ann in at a fake provider. The group `ops` makes her an editor. */
async function withAnn() {
  const server = await startOidcServer();
  server.claims = CLAIMS;
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(Date.now());
  const logger = memoryLogger();
  const prefix = "GF_AUTH_GENERIC_OAUTH_";
  const env = {
    [`${prefix}CLIENT_ID`]: "narthex",
    [`${prefix}CLIENT_SECRET`]: "shared",
    [`${prefix}ISSUER_URL`]: server.issuer,
    [`${prefix}SCOPES`]: "openid profile email groups offline_access",
    [`${prefix}ALLOWED_GROUPS`]: "ops, dev",
    [`${prefix}ROLE_ATTRIBUTE_PATH`]: "contains(groups[*], 'ops') && 'Editor' || 'Viewer'",
    [`${prefix}USE_REFRESH_TOKEN`]: "true",
  };
  const { values: settings } = loadSettings({ env, overrides: [], ini: undefined, readFile: () => "" });
  const credentials = await Credentials.open(store);
  const users = await Users.open(store, credentials);
  const teams = await Teams.open(store, clock);
  const sessions = await Sessions.open(store, clock, settings);
  const signIn = new ExternalSignIn({ users, credentials, teams, settings, clock });
  const provider = new OAuthProvider(genericKind, settings, clock);
  onTestFinished(() => provider.close());
  const key = randomBytes(32);
  const parts = { store, clock, logger, providers: [provider], signIn, sessions };
  const oauthSessions = await OAuthSessions.open({ ...parts, box: new SecretBox(key) });
  const { url, flow } = await provider.begin(BACK);
  const { account, tokens } = await provider.finish(BACK, new URL(await server.signIn(url)).search, flow);
  const user = await signIn.userOf(account, true);
  const { session } = await sessions.begin(user.id, "", "");
  await oauthSessions.begin(session, provider, tokens);
  return { server, store, clock, logger, users, sessions, provider, parts, key, oauthSessions, session, user, tokens };
}

test("a provider is asked again after its token has expired, and its change of the role counts then", async () => {
  const { server, clock, users, oauthSessions, session, user } = await withAnn();
  server.claims = { ...CLAIMS, groups: ["dev"] };
  expect([await oauthSessions.isAllowed(session), users.byId(user.id)?.role]).toEqual([true, "Editor"]);
  for (let round = 0; round < 2; round++) {
    await clock.advance(EXPIRED_MS);
    const both = await Promise.all([oauthSessions.isAllowed(session), oauthSessions.isAllowed(session)]);
    expect([both, users.byId(user.id)?.role]).toEqual([[true, true], "Viewer"]);
  }
});

test("a session ends after a user was removed from the allowed groups", async () => {
  const { server, clock, oauthSessions, session } = await withAnn();
  server.claims = { ...CLAIMS, groups: [] };
  await clock.advance(EXPIRED_MS);
  expect(await oauthSessions.isAllowed(session)).toBe(false);
  expect(oauthSessions.idTokenOf(session)).toBeUndefined();
});

test("a session ends although the store has refused the first try", async () => {
  const { server, store, clock, sessions, oauthSessions, session } = await withAnn();
  server.claims = { ...CLAIMS, groups: [] };
  await clock.advance(EXPIRED_MS);
  const exchange = store.exchange.bind(store);
  store.exchange = (writes) =>
    writes.some(({ collection }) => collection === "sessions")
      ? Promise.reject(new StoreError("full"))
      : exchange(writes);
  await expect(oauthSessions.isAllowed(session)).rejects.toThrow(StoreError);
  store.exchange = exchange;
  await clock.advance(60_000);
  expect([await oauthSessions.isAllowed(session), sessions.has(session.id)]).toEqual([false, false]);
});

test("a session ends if its tokens cannot be kept, because nobody would ask its provider again", async () => {
  const { store, sessions, provider, oauthSessions, user, tokens } = await withAnn();
  const { session } = await sessions.begin(user.id, "", "");
  const exchange = store.exchange.bind(store);
  store.exchange = (writes) =>
    writes.some(({ collection }) => collection === "oauth_sessions")
      ? Promise.reject(new StoreError("full"))
      : exchange(writes);
  await expect(oauthSessions.begin(session, provider, tokens)).rejects.toThrow(StoreError);
  expect(sessions.has(session.id)).toBe(false);
});

test("the tokens of sessions that have ended are removed with a later sign-in, and expire after new sealing", async () => {
  const { store, clock, parts, key, sessions, provider, oauthSessions, session, user, tokens } = await withAnn();
  const entries = () => store.collection("oauth_sessions").entries();
  const [kept, ended] = [await sessions.begin(user.id, "", ""), await sessions.begin(user.id, "", "")];
  for (const begun of [kept, ended]) await oauthSessions.begin(begun.session, provider, tokens);
  for (const one of [session, ended.session]) await sessions.end(one);
  await clock.advance(2 * 3_600_000);
  const next = await sessions.begin(user.id, "", "");
  await oauthSessions.begin(next.session, provider, tokens);
  const left = (await entries()).map((entry) => entry.key).filter((one) => /^\d/.test(one));
  expect(left.toSorted()).toEqual([String(kept.session.id), String(next.session.id)].toSorted());
  await OAuthSessions.open({ ...parts, box: new SecretBox(randomBytes(32), key) });
  await store.collection("oauth_sessions").dropExpired(clock.now() + 31 * 86_400_000);
  expect((await entries()).filter((entry) => /^\d/.test(entry.key))).toEqual([]);
});

test("a session goes on while the provider cannot be reached, which is tried again after a minute", async () => {
  const { server, clock, logger, users, oauthSessions, session, user } = await withAnn();
  server.claims = { ...CLAIMS, groups: ["dev"] };
  server.isDown = true;
  await clock.advance(EXPIRED_MS);
  expect([await oauthSessions.isAllowed(session), await oauthSessions.isAllowed(session)]).toEqual([true, true]);
  expect(logger.lines.map(({ message }) => message)).toEqual([
    "The provider of a session cannot be reached: the session goes on, and the provider is asked again",
  ]);
  server.isDown = false;
  expect([await oauthSessions.isAllowed(session), users.byId(user.id)?.role]).toEqual([true, "Editor"]);
  await clock.advance(60_000);
  expect([await oauthSessions.isAllowed(session), users.byId(user.id)?.role]).toEqual([true, "Viewer"]);
});

test("new tokens are kept although the account cannot be read, because a refresh token is valid once", async () => {
  const { server, clock, users, provider, oauthSessions, session, user } = await withAnn();
  server.claims = { ...CLAIMS, groups: ["dev"] };
  const refresh = provider.refresh.bind(provider);
  provider.refresh = async (token) => ({
    ...(await refresh(token)),
    account: () => Promise.reject(new SignInError("provider-unavailable")),
  });
  await clock.advance(EXPIRED_MS);
  expect([await oauthSessions.isAllowed(session), users.byId(user.id)?.role]).toEqual([true, "Editor"]);
  provider.refresh = refresh;
  await clock.advance(60_000);
  expect([await oauthSessions.isAllowed(session), users.byId(user.id)?.role]).toEqual([true, "Viewer"]);
});

test("the tokens of a session are sealed, and are sealed again with a new key at the start", async () => {
  const { store, clock, parts, key, oauthSessions, session, tokens } = await withAnn();
  const stored = async () => (await store.collection("oauth_sessions").entries()).map(({ value }) => value).join();
  for (const token of [tokens.refreshToken, tokens.idToken]) expect(await stored()).not.toContain(token);
  const next = randomBytes(32);
  await OAuthSessions.open({ ...parts, box: new SecretBox(next, key) });
  const later = await OAuthSessions.open({ ...parts, box: new SecretBox(next) });
  expect(later.idTokenOf(session)?.idToken).toBe(tokens.idToken);
  await clock.advance(EXPIRED_MS);
  expect(await later.isAllowed(session)).toBe(true);
  await oauthSessions.forget(session);
});

test("a session whose tokens cannot be opened, or whose provider was removed from the settings, ends", async () => {
  for (const change of [{ box: new SecretBox(randomBytes(32)) }, { providers: [] }]) {
    const { clock, parts, key, session } = await withAnn();
    const later = await OAuthSessions.open({ ...parts, box: new SecretBox(key), ...change });
    await clock.advance(EXPIRED_MS);
    expect(await later.isAllowed(session)).toBe(false);
  }
});
