import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, StoreError } from "@narthex/store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { loadSettings } from "../../settings/load-settings.ts";
import { grafanaPassword } from "../../testing/grafana-file.ts";
import { clientAddress } from "../../web/client-address.ts";
import { publicAddress } from "../../web/public-address.ts";
import { enabledAuthenticators } from "../authenticators/authenticators.ts";
import { identify } from "../authenticators/identify.ts";
import { SessionCookies } from "../sessions/cookies.ts";
import { principalsWith } from "../identity.ts";
import { ReadLimits } from "../read-limit.ts";
import { LoginLimits } from "./login-limits.ts";
import { PasswordLogin } from "./password-login.ts";
import { ServiceAccounts } from "../service-accounts.ts";
import { Sessions } from "../sessions/sessions.ts";
import { Teams } from "../teams.ts";
import { Tokens } from "../tokens/tokens.ts";
import type { Ldap } from "../ldap/ldap.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import type { OAuthSessions } from "../oauth/oauth-sessions.ts";
import { isPassword } from "./passwords.ts";
import { Credentials } from "../credentials/credentials.ts";
import { type User, Users } from "../users/users.ts";

const request = { ip: "10.0.0.1", headers: {} } as FastifyRequest;

/**
 * Creates an admin and the user Ann, whose password hash was imported from Grafana. `most` is the limit of failed
 * logins for one user name from one network.
 */
async function withAnn(
  most: number,
  env: Readonly<Record<string, string>> = {},
  ldap?: Ldap,
  needsCode: (userId: number) => boolean = () => false,
  isStored = needsCode,
) {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(1_000_000);
  const logger = memoryLogger();
  const { values: settings } = loadSettings({ env, overrides: [], ini: undefined, readFile: () => "" });
  const password = { algorithm: "pbkdf2", salt: "salt", hash: grafanaPassword("right", "salt") } as const;
  const times = { createdAt: 0, updatedAt: 0 };
  const rights = { role: "Viewer", isServerAdmin: false, isDisabled: false } as const;
  const ann = { login: "ann", email: "a@x", name: "", ...rights, ...times };
  const root = { ...ann, login: "root", email: "r@x", role: "Admin", isServerAdmin: true } as const;
  const credentials = await Credentials.open(store);
  const users = await Users.open(store, credentials);
  await users.add(ann, { kind: "password", hash: password });
  await users.add(root);
  const teams = await Teams.open(store, clock);
  const tokens = await Tokens.open(store, clock);
  const serviceAccounts = new ServiceAccounts(users, clock);
  const sessions = await Sessions.open(store, clock, settings);
  const limits = await LoginLimits.open(store, most, clock.now());
  const cookies = new SessionCookies(settings, publicAddress(settings));
  const beforeLogin = () => Promise.resolve();
  const addressOf = clientAddress(settings);
  const passwordLogin = new PasswordLogin({
    users,
    credentials,
    sessions,
    clock,
    logger,
    limits,
    addressOf,
    ldap,
    beforeLogin,
    twoStep: {
      isInForce: needsCode,
      isStored: (id) => Promise.resolve(isStored(id)),
      take: (_id, code) => Promise.resolve({ kind: code === "right code" ? "accepted" : "wrong" }),
    },
  });
  const readLimits = new ReadLimits(settings);
  const authenticators = enabledAuthenticators({
    settings,
    passwordLogin,
    users,
    sessions,
    cookies,
    tokens,
    serviceAccounts,
    oauthSessions: { isAllowed: () => Promise.resolve(true) } as unknown as OAuthSessions,
    principalOf: principalsWith(teams, readLimits),
    readLimits,
    signIn: {} as ExternalSignIn,
    begin: () => Promise.reject(new Error("no session begins")),
    renderings: { identify: () => Promise.resolve(undefined) },
    jwt: undefined,
  });
  const principalOf = (given: object) => identify(authenticators, given as FastifyRequest, {} as FastifyReply);
  return { store, logger, clock, sessions, users, credentials, passwordLogin, principalOf };
}

test("a correct password is accepted even if the store refuses writes, and the refusal is logged once", async () => {
  const { store, logger, users, credentials, passwordLogin } = await withAnn(2);
  const login = (password: string) => passwordLogin.login("ann", password, request);
  await expect(login("wrong")).rejects.toThrow(/^Invalid/);
  store.exchange = () => Promise.reject(new StoreError("full"));
  expect((await login("right")).login).toBe("ann");
  await expect(login("wrong")).rejects.toThrow(/^Invalid/);
  // The failure before the successful login is no longer counted.
  expect((await login("right")).login).toBe("ann");
  expect(credentials.passwordOf(users.named("ann")!.id)?.algorithm).toBe("pbkdf2");
  expect(logger.lines.filter((line) => JSON.stringify(line).includes("A login could not be recorded"))).toHaveLength(1);
});

test("failures of other clients in a network lock out neither a client that has just sent the correct password, nor a signed-in user", async () => {
  const { passwordLogin, sessions, users } = await withAnn(1);
  const login = (name: string, password: string) => passwordLogin.login(name, password, request);
  await login("ann", "right");
  for (let i = 0; i < 10; i++) await expect(login(`user ${i}`, "wrong")).rejects.toThrow(/^Invalid/);
  await expect(login("bob", "wrong")).rejects.toThrow(/^Too many/);
  expect((await login("ann", "right")).login).toBe("ann");
  await expect(login("ann", "other")).rejects.toThrow(/^Too many/);
  await sessions.begin(users.named("ann")!.id, "10.0.0.1", "");
  await expect(login("ann", "other")).rejects.toThrow(/^Invalid/);
});

test("a session of a disabled user is not accepted, for example if the user was disabled during the login", async () => {
  const { principalOf, sessions, users } = await withAnn(1);
  const { id } = users.named("ann")!;
  const { newToken } = await sessions.begin(id, "10.0.0.1", "");
  const withSession = { ...request, headers: { cookie: `grafana_session=${newToken}` }, principal: { kind: "none" } };
  const principal = () => principalOf(withSession);
  expect(await principal()).toMatchObject({ name: "ann" });
  await users.change(id, () => ({ isDisabled: true }));
  expect(await principal()).toBeUndefined();
});

const basic = (credentials: string): string => `Basic ${btoa(credentials)}`;

test.each([
  [undefined, undefined, "root"],
  [basic("ann:right"), "ann", "ann"],
  [basic("ann:right").replace("Basic", "bAsIc"), "ann", "ann"],
  [basic("ann:wrong"), "Invalid username or password", "root"],
  [basic("nobody:right"), "Invalid username or password", "root"],
  [basic("ann"), "Invalid Basic Auth Header", "root"],
  ["Bearer x", "Invalid API key", "root"],
  ["Digest x", undefined, "root"],
  ["Basic", undefined, "root"],
])(
  "a request with only the Authorization %s is from %s, and with a session in addition from %s",
  async (authorization, alone, both) => {
    const { principalOf, sessions, users } = await withAnn(5);
    const { newToken } = await sessions.begin(users.named("root")!.id, "10.0.0.1", "");
    const nameWith = async (cookie: string): Promise<string | undefined> => {
      const given = { ...request, headers: { cookie, authorization }, principal: { kind: "none" } };
      const found = principalOf(given);
      return found.then(
        (principal) => principal?.name,
        (error: unknown) => (error as { body: { message: string } }).body.message,
      );
    };
    expect([await nameWith(""), await nameWith(`grafana_session=${newToken}`)]).toEqual([alone, both]);
  },
);

test("with anonymous access, requests with a wrong Authorization are accepted as anonymous", async () => {
  const { principalOf } = await withAnn(5, {
    GF_AUTH_ANONYMOUS_ENABLED: "true",
    GF_AUTH_ANONYMOUS_ORG_ROLE: "Editor",
  });
  const given = { ...request, headers: { authorization: basic("ann:wrong") }, principal: { kind: "none" } };
  const found = await principalOf(given);
  expect(found).toEqual({
    kind: "anonymous",
    name: "",
    identity: { kind: "anonymous", id: 0, role: "Editor", isServerAdmin: false, teams: new Set() },
  });
});

test("Basic authentication can be disabled, and is not used for users that the web config has identified", async () => {
  const off = await withAnn(5, { GF_AUTH_BASIC_ENABLED: "false" });
  const on = await withAnn(5);
  const headers = { authorization: basic("ann:right") };
  const nameOf = async ({ principalOf }: Pick<typeof on, "principalOf">, kind: string): Promise<string | undefined> =>
    (await principalOf({ ...request, headers, principal: { kind } }))?.name;
  expect(await nameOf(off, "none")).toBeUndefined();
  expect(await nameOf(on, "user")).toBeUndefined();
  expect(await nameOf(on, "none")).toBe("ann");
});

test("a password of an earlier format is stored with argon2id after the first login", async () => {
  const { users, credentials, passwordLogin } = await withAnn(2);
  const { id } = users.named("ann")!;
  await passwordLogin.login("ann", "right", request);
  const better = credentials.passwordOf(id)!;
  expect([better.algorithm, await isPassword("right", better)]).toEqual(["argon2id", true]);
  await passwordLogin.login("ann", "right", request);
  expect(credentials.passwordOf(id)).toEqual(better);
});

test("a user without a password cannot sign in with one", async () => {
  const { passwordLogin } = await withAnn(9);
  for (const password of ["", "right"])
    await expect(passwordLogin.login("root", password, request)).rejects.toThrow(/^Invalid/);
});

test("a password in a directory is not the user's password here, so it does not let the user choose one", async () => {
  const directory = new Map<string, User>();
  const ldap: Ldap = {
    signIn: (name, password) => Promise.resolve(password === "of the directory" ? directory.get(name) : undefined),
  };
  const { users, credentials, passwordLogin } = await withAnn(10, {}, ldap);
  const [ann, root] = [users.named("ann")!, users.named("root")!];
  for (const user of [ann, root]) {
    directory.set(user.login, user);
    await credentials.bind({ provider: "ldap", subject: `cn=${user.login}`, userId: user.id }, () => false);
    expect((await passwordLogin.login(user.login, "of the directory", request)).id).toBe(user.id);
    expect(await passwordLogin.knowsPassword(user, "of the directory", request)).toBe(false);
  }
  expect(await passwordLogin.knowsPassword(ann, "right", request)).toBe(true);
});

test("a user needs the code although this instance has not heard yet that another one has turned codes on", async () => {
  const { passwordLogin } = await withAnn(
    3,
    {},
    undefined,
    () => false,
    () => true,
  );
  const login = (code: string) => passwordLogin.login("ann", "right", request, code);
  await expect(login("")).rejects.toThrow("Enter the code of your authenticator app");
  expect((await login("right code")).login).toBe("ann");
});

test("a user of a directory needs the code after the password, and only both together reset the failures", async () => {
  const directory = new Map<string, User>();
  const ldap: Ldap = {
    signIn: (name, password) => Promise.resolve(password === "right" ? directory.get(name) : undefined),
  };
  const { clock, users, credentials, passwordLogin } = await withAnn(3, {}, ldap, () => true);
  const root = users.named("root")!;
  directory.set("root", root);
  await credentials.bind({ provider: "ldap", subject: "cn=root", userId: root.id }, () => false);
  const login = (code?: string) => passwordLogin.login("root", "right", request, code);
  const wrong = () => expect(login("wrong code")).rejects.toThrow("The code is wrong, or was used already");
  await expect(login("")).rejects.toThrow("Enter the code of your authenticator app");
  await expect(login()).rejects.toThrow(/use the token of a service account$/);
  await wrong();
  await wrong();
  expect((await login("right code")).id).toBe(root.id);
  await wrong();
  await wrong();
  // Waits until the correct password, which is remembered for a minute, is checked again.
  await clock.advance(61_000);
  await expect(login("")).rejects.toThrow(/^Enter/);
  await wrong();
  await expect(login("right code")).rejects.toThrow(/^Too many/);
});

test("a password of this program is checked while a directory does not answer, and each failure counts", async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let asked = 0;
  const { passwordLogin } = await withAnn(2, {}, { signIn: () => (asked++, promise) });
  const guesses = Array.from({ length: 8 }, (_, i) => passwordLogin.login("root", `guess ${i}`, request));
  const outcomes = Promise.allSettled(guesses);
  expect((await passwordLogin.login("ann", "right", request)).login).toBe("ann");
  resolve(undefined);
  const failed = (await outcomes).map((one) => one.status === "rejected" && (one.reason as Error).message.slice(0, 7));
  expect([failed.filter((text) => text === "Too man").length, asked]).toEqual([6, 2]);
});
