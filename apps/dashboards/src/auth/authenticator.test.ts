import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite, StoreError } from "@narthex/store";
import type { FastifyReply, FastifyRequest } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import type { Context } from "../context.ts";
import { loadSettings } from "../settings/load-settings.ts";
import { grafanaPassword } from "../testing/grafana-file.ts";
import { clientAddress } from "../web/client-address.ts";
import { publicAddress } from "../web/public-address.ts";
import { Authenticator } from "./authenticator.ts";
import { SessionCookies } from "./cookies.ts";
import { LoginLimits } from "./login-limits.ts";
import { Sessions } from "./sessions.ts";
import { Users } from "./users.ts";

const request = { ip: "10.0.0.1", headers: {} } as FastifyRequest;

/** An admin and Ann, whose password a Grafana has hashed, with a limit of failed logins of a name from a network. */
async function withAnn(most: number) {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const clock = new ManualClock(1_000_000);
  const logger = memoryLogger();
  const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });
  const password = { algorithm: "pbkdf2", salt: "salt", hash: grafanaPassword("right", "salt") } as const;
  const times = { createdAt: 0, updatedAt: 0 };
  const rights = { role: "Viewer", isServerAdmin: false, isDisabled: false } as const;
  const ann = { login: "ann", email: "a@x", name: "", password, ...rights, ...times };
  const root = { ...ann, login: "root", email: "r@x", role: "Admin", isServerAdmin: true } as const;
  const users = await Users.open({ settings, logger, clock } as unknown as Context, store, [ann, root]);
  const sessions = await Sessions.open(store, clock, settings);
  const limits = await LoginLimits.open(store, most, clock.now());
  const cookies = new SessionCookies(settings, publicAddress(settings));
  const beforeLogin = () => Promise.resolve();
  const addressOf = clientAddress(settings);
  const parts = { users, sessions, cookies, settings, clock, logger, limits, addressOf, beforeLogin };
  return { store, logger, clock, sessions, users, authenticator: new Authenticator(parts) };
}

test("a right password is accepted while the store refuses writes, which the log says once", async () => {
  const { store, logger, users, authenticator } = await withAnn(2);
  const login = (password: string) => authenticator.login("ann", password, request);
  await expect(login("wrong")).rejects.toThrow(/^Invalid/);
  store.exchange = () => Promise.reject(new StoreError("full"));
  expect((await login("right")).login).toBe("ann");
  await expect(login("wrong")).rejects.toThrow(/^Invalid/);
  // The failure before the success does not count any more.
  expect((await login("right")).login).toBe("ann");
  expect(users.named("ann")?.password.algorithm).toBe("pbkdf2");
  expect(logger.lines.filter((line) => JSON.stringify(line).includes("A login could not be noted"))).toHaveLength(1);
});

test("failures of others in a network keep out neither a password that was right, nor a user who is signed in", async () => {
  const { authenticator, sessions, users } = await withAnn(1);
  const login = (name: string, password: string) => authenticator.login(name, password, request);
  await login("ann", "right");
  for (let i = 0; i < 10; i++) await expect(login(`user ${i}`, "wrong")).rejects.toThrow(/^Invalid/);
  await expect(login("bob", "wrong")).rejects.toThrow(/^Too many/);
  expect((await login("ann", "right")).login).toBe("ann");
  await expect(login("ann", "other")).rejects.toThrow(/^Too many/);
  await sessions.begin(users.named("ann")!.id, "10.0.0.1", "");
  await expect(login("ann", "other")).rejects.toThrow(/^Invalid/);
});

test("a session of a disabled user does not count, for example if a login was under way when the user was disabled", async () => {
  const { authenticator, sessions, users } = await withAnn(1);
  const { id } = users.named("ann")!;
  const { newToken } = await sessions.begin(id, "10.0.0.1", "");
  const withSession = { ...request, headers: { cookie: `grafana_session=${newToken}` }, principal: { kind: "none" } };
  const principal = () => authenticator.principalOf(withSession as unknown as FastifyRequest, {} as FastifyReply);
  expect(await principal()).toMatchObject({ name: "ann" });
  await users.change(id, () => ({ isDisabled: true }));
  expect(await principal()).toBeUndefined();
});
