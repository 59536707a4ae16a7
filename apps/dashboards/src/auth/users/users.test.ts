import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import type { Context } from "../../context.ts";
import { loadSettings } from "../../settings/load-settings.ts";
import { openAccounts } from "../accounts.ts";
import { isPassword } from "../passwords/passwords.ts";
import { ServiceAccounts } from "../service-accounts.ts";
import { changedNames, type NewUser, type Users } from "./users.ts";

const store = () => {
  const opened = openSqlite(":memory:");
  onTestFinished(() => opened.close());
  return opened;
};

/**
 * Delays the writes of a store, so that instances that start a change in the same turn do not see each other's change.
 */
function delayWrites(kept: ReturnType<typeof store>): void {
  const exchange = kept.exchange.bind(kept);
  kept.exchange = async (writes) => {
    await setImmediate();
    return exchange(writes);
  };
}

async function open(
  env: Readonly<Record<string, string>> = {},
  earlier: readonly NewUser[] = [],
  kept = store(),
  folder = temporaryFolder(),
) {
  const { values: settings } = loadSettings({ env, overrides: [], ini: undefined, readFile: () => "" });
  const logger = memoryLogger();
  const context = { settings, logger, clock: new ManualClock(5000), dataFolder: folder } as unknown as Context;
  const imported = earlier.map((user) => ({ user, password: undefined, external: [] }));
  return { ...(await openAccounts(context, kept, imported)), logger, kept };
}

const password = { algorithm: "scrypt", salt: "", hash: "" } as const;
const draft = (login: string, more: Partial<NewUser> = {}): NewUser => ({
  login,
  email: `${login}@x`,
  name: "",
  role: "Viewer",
  isServerAdmin: false,
  isDisabled: false,
  createdAt: 0,
  updatedAt: 0,
  ...more,
});
const ROOT = draft("root", { role: "Admin", isServerAdmin: true });

test("the first user is the admin in the settings; if no password is set, a generated one is in a file until it changes", async () => {
  const env = { GF_SECURITY_ADMIN_USER: "boss", GF_SECURITY_ADMIN_EMAIL: "boss@x" };
  const folder = temporaryFolder();
  const file = join(folder, "initial-admin-password");
  const { users, credentials, logger, kept } = await open(env, [], store(), folder);
  const { uid: _, ...rest } = users.first()!;
  const names = { login: "boss", email: "boss@x", name: "" };
  const rights = { role: "Admin", isServerAdmin: true, isDisabled: false };
  expect(rest).toEqual({ id: 1, ...names, ...rights, createdAt: 5000, updatedAt: 5000 });
  const [line] = logger.lines;
  expect([logger.lines.length, line!.fields]).toEqual([1, { user: "boss", file }]);
  expect(await isPassword(readFileSync(file, "utf8").trim(), credentials.passwordOf(1))).toBe(true);
  expect([(await open(env, [], kept, folder)).logger.lines, existsSync(file)]).toEqual([[], true]);
  await credentials.setPassword(1, password);
  await open(env, [], kept, folder);
  expect(existsSync(file)).toBe(false);
});

test("instances that start at once with a common folder leave the password of the user that one of them created", async () => {
  const folder = temporaryFolder();
  const kept = store();
  const [one] = await Promise.all([open({}, [], kept, folder), open({}, [], kept, folder), open({}, [], kept, folder)]);
  expect(readdirSync(folder)).toEqual(["initial-admin-password"]);
  const written = readFileSync(join(folder, "initial-admin-password"), "utf8").trim();
  expect(await isPassword(written, one.credentials.passwordOf(1))).toBe(true);
});

test("a start after a crash finds the password that was written before the user was created, and removes others", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "initial-admin-password");
  const { kept } = await open({}, [], store(), folder);
  const written = readFileSync(file, "utf8");
  renameSync(file, `${file}.crashed`);
  writeFileSync(`${file}.other`, "of an instance that did not create the user\n");
  await open({}, [], kept, folder);
  expect([readdirSync(folder), readFileSync(file, "utf8")]).toEqual([["initial-admin-password"], written]);
});

test("the file is removed at the first change of the password, also under a new name of the user", async () => {
  const folder = temporaryFolder();
  const { users, passwords } = await open({}, [], store(), folder);
  await users.change(1, () => ({ login: "boss" }));
  expect(readdirSync(folder)).toEqual(["initial-admin-password"]);
  await passwords.set(users.byId(1)!, password);
  expect(readdirSync(folder)).toEqual([]);
});

test("a password in the settings applies to the first user only at the first start", async () => {
  const { credentials, logger, kept } = await open({ GF_SECURITY_ADMIN_PASSWORD: "chosen" });
  expect([await isPassword("chosen", credentials.passwordOf(1)), logger.lines]).toEqual([true, []]);
  const warningsWith = async (env: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    (await open(env, [], kept)).logger.lines.map(({ message }) => message);
  expect(await warningsWith({ GF_SECURITY_ADMIN_PASSWORD: "chosen" })).toEqual([]);
  expect(await warningsWith({ GF_SECURITY_ADMIN_PASSWORD: "other" })).toEqual([
    "security.admin_password differs from the stored password of that user, which is kept",
  ]);
  expect(await warningsWith({ GF_SECURITY_ADMIN_PASSWORD: "other", GF_SECURITY_ADMIN_USER: "x" })).toEqual([]);
});

test("no first user is created if the settings forbid this, or if users were imported from a Grafana", async () => {
  const none = await open({ GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true" });
  expect([none.users.first(), [...none.users.values()]]).toEqual([undefined, []]);
  const { users } = await open({}, [draft("eve"), ROOT]);
  expect([...users.values()].map(({ id, login }) => [id, login])).toEqual([
    [1, "eve"],
    [2, "root"],
  ]);
  expect(users.first()?.login).toBe("eve");
});

test("users of an imported Grafana that already exist get their data from Grafana", async () => {
  const { kept } = await open({});
  const byMail = draft("chief", { email: "ADMIN@localhost", isServerAdmin: true, role: "Admin", name: "Chief" });
  const { users } = await open({}, [byMail, draft("eve")], kept);
  expect([...users.values()].map(({ id, login, name }) => [id, login, name])).toEqual([
    [1, "chief", "Chief"],
    [2, "eve", ""],
  ]);
});

test("a user of an imported Grafana who has the login of a service account is skipped with a warning", async () => {
  const { users, kept } = await open({});
  await new ServiceAccounts(users, new ManualClock(1)).add({ name: "ci", role: "Viewer", isDisabled: false });
  const byMail = draft("sa-1-ci", { email: "admin@localhost" });
  const again = await open({}, [draft("sa-1-ci", { email: "" }), byMail, draft("eve")], kept);
  expect([...again.users.values()].map(({ login }) => login)).toEqual(["admin", "eve"]);
  expect(again.logger.lines.map(({ message, fields }) => [message, fields?.["user"]])).toEqual(
    Array.from({ length: 2 }, () => [
      "a user of Grafana is not imported, because a service account has the login or address of that user",
      "sa-1-ci",
    ]),
  );
});

test("a user cannot take the login of a service account", async () => {
  const { users } = await open({}, [ROOT]);
  await new ServiceAccounts(users, new ManualClock(1)).add({ name: "ci", role: "Viewer", isDisabled: false });
  expect(() => changedNames(users, users.first()!, { login: "SA-1-ci" })).toThrow("belong to service accounts");
});

test("two instances that rename two service accounts at once cannot give them the same name", async () => {
  const kept = store();
  const one = new ServiceAccounts((await open({}, [ROOT], kept)).users, new ManualClock(1));
  const rights = { role: "Viewer", isDisabled: false } as const;
  const first = await one.add({ name: "ci", ...rights });
  const second = await one.add({ name: "deploy", ...rights });
  const other = new ServiceAccounts((await open({}, [], kept)).users, new ManualClock(1));
  delayWrites(kept);
  const renamed = await Promise.allSettled([
    one.change(first, { name: "same" }),
    other.change(second, { name: "same" }),
  ]);
  expect(renamed).toMatchObject([
    { status: "fulfilled", value: { name: "same" } },
    { status: "rejected", reason: { message: "service account already exists" } },
  ]);
});

test("two instances can provide the same service account at once", async () => {
  const kept = store();
  const clock = new ManualClock(1);
  const [one, other] = [(await open({}, [ROOT], kept)).users, (await open({}, [], kept)).users];
  const provide = (users: Users, role: "Viewer" | "Editor") =>
    new ServiceAccounts(users, clock).provide({ name: "ci", role, isDisabled: false });
  delayWrites(kept);
  const provided = await Promise.all([provide(one, "Viewer"), provide(other, "Viewer")]);
  expect(provided.map(({ id }) => id)).toEqual([2, 2]);
  expect(await provide(one, "Editor")).toMatchObject({ id: 2, role: "Editor" });
  await expect(
    new ServiceAccounts(one, clock).provide({ name: "CI", role: "Viewer", isDisabled: false }),
  ).rejects.toThrow("already exists");
});

test("users are found by login and address whatever the case of letters, and names are unique", async () => {
  const { users } = await open({}, [ROOT]);
  expect([users.named("ROOT")?.id, users.named("Root@X")?.id, users.named("x")]).toEqual([1, 1, undefined]);
  for (const taken of [draft("ROOT"), draft("eve", { email: "root@x" }), draft("root@X", { email: "" })])
    await expect(users.add(taken)).rejects.toMatchObject({
      statusCode: 412,
      message: `User with email '${taken.email}' or username '${taken.login}' already exists`,
    });
  const eve = await users.add(draft("eve"));
  expect([eve.id, users.byId(2)]).toEqual([2, eve]);
  expect(changedNames(users, eve, { login: "", email: "new@x", name: "Eve" })).toEqual({
    login: "eve",
    email: "new@x",
    name: "Eve",
  });
  expect(changedNames(users, eve, { login: "EVE" })).toEqual({ login: "EVE", email: "eve@x", name: "" });
  for (const body of [{ login: "root" }, { email: "ROOT" }])
    expect(() => changedNames(users, eve, body)).toThrow("already exists");
});

const SERVER = "cannot remove last grafana admin";
const ORGANIZATION = "Cannot remove last organization admin";

test.each<[others: readonly NewUser[], change: Partial<NewUser> | undefined, refusal: string | undefined]>([
  [[], undefined, SERVER],
  [[], { isDisabled: true }, SERVER],
  [[], { isServerAdmin: false }, SERVER],
  [[], { role: "Editor" }, ORGANIZATION],
  [[], { name: "x" }, undefined],
  [[draft("b", { isServerAdmin: true })], undefined, ORGANIZATION],
  [[draft("b", { isServerAdmin: true })], { isServerAdmin: false }, undefined],
  [[draft("b", { isServerAdmin: true })], { isDisabled: true }, ORGANIZATION],
  [[draft("b", { role: "Admin" })], { role: "Viewer" }, undefined],
  [[draft("b", { role: "Admin" })], undefined, SERVER],
  [[draft("b", { ...ROOT, login: "b", email: "b@x", isDisabled: true })], undefined, SERVER],
  [[draft("b", { ...ROOT, login: "b", email: "b@x" })], undefined, undefined],
  [
    [draft("b", { ...ROOT, login: "b", email: "b@x" })],
    { isDisabled: true, isServerAdmin: false, role: "None" },
    undefined,
  ],
])("with the other users %j, the change %j of an admin is refused with %s", async (others, change, refusal) => {
  const { users } = await open({}, [ROOT, ...others]);
  const made = change === undefined ? users.remove(1) : users.change(1, () => change);
  if (refusal === undefined) await made;
  else await expect(made).rejects.toMatchObject({ statusCode: 400, message: refusal });
  const isGone = refusal === undefined && change === undefined;
  expect(users.byId(1)).toEqual(isGone ? undefined : expect.objectContaining(refusal === undefined ? change! : ROOT));
});

test("changing and removing a disabled or unknown user causes no error", async () => {
  const { users } = await open({}, [ROOT, draft("b", { isDisabled: true, isServerAdmin: true, role: "Admin" })]);
  expect(await users.change(2, () => ({ role: "Viewer" }))).toMatchObject({ role: "Viewer" });
  expect(await users.change(9, () => ({ role: "Viewer" }))).toBeUndefined();
  await users.remove(2);
  await users.remove(9);
  expect([...users.values()].map(({ id }) => id)).toEqual([1]);
});
