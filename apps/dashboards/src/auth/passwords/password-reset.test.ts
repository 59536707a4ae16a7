import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import { loadSettings } from "../../settings/load-settings.ts";
import { Credentials } from "../credentials/credentials.ts";
import { FirstPassword } from "./first-password.ts";
import { leaveReset, takeReset } from "./password-reset.ts";
import { passwordSetter, type PasswordSetter } from "./set-password.ts";
import { Sessions } from "../sessions/sessions.ts";
import { type NewUser, Users } from "../users/users.ts";

const FILE = "password-reset.json";
const HASH = { algorithm: "scrypt", salt: "aa", hash: "bb" } as const;
const user = (login: string): NewUser => ({
  login,
  email: `${login}@x`,
  name: "",
  role: "Admin",
  isServerAdmin: true,
  isDisabled: false,
  createdAt: 0,
  updatedAt: 0,
});

async function open() {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const { values: settings } = loadSettings({ env: {}, overrides: [], ini: undefined, readFile: () => "" });
  const [clock, logger, folder] = [new ManualClock(5000), memoryLogger(), temporaryFolder()];
  const credentials = await Credentials.open(store);
  const users = await Users.open(store, credentials);
  for (const login of ["root", "ann"]) await users.add(user(login));
  const passwords = passwordSetter({ users, credentials, firstPassword: new FirstPassword(folder), clock });
  const sessions = await Sessions.open(store, clock, settings);
  for (const id of [1, 2]) await sessions.begin(id, "", "");
  const take = () => takeReset({ folder, users, sessions, passwords, logger });
  const messages = (): readonly string[] => logger.lines.map(({ level, message }) => `${level} ${message}`);
  return { folder, users, credentials, sessions, take, messages, logger };
}

test.each([
  [undefined, 1],
  [2, 2],
])("a reset for the user %s sets the password of the user %d, and ends that user's sessions", async (userId, id) => {
  const { folder, users, credentials, sessions, take, messages, logger } = await open();
  await leaveReset(folder, { password: HASH, ...(userId === undefined ? {} : { userId }) });
  expect([readdirSync(folder), statSync(join(folder, FILE)).mode & 0o777]).toEqual([[FILE], 0o600]);
  await take();
  expect(users.byId(id)).toMatchObject({ updatedAt: 5000 });
  expect(credentials.passwordOf(id)).toEqual(HASH);
  expect(users.byId(3 - id)).toMatchObject({ updatedAt: 0 });
  expect([sessions.ofUser(id).length, sessions.ofUser(3 - id).length, readdirSync(folder)]).toEqual([0, 1, []]);
  expect([messages(), logger.lines[0]!.fields]).toEqual([
    ["warn The password of a user was reset from the command line"],
    { user: users.byId(id)!.login },
  ]);
  await take();
  expect(messages()).toHaveLength(1);
});

test.each([
  ["{", "error A password reset cannot be read", true],
  ["null", "error A password reset cannot be read", true],
  ["{}", "error A password reset names no user", false],
  [JSON.stringify({ password: { ...HASH, salt: 1 } }), "error A password reset names no user", false],
  [JSON.stringify({ password: { ...HASH, hash: 1 } }), "error A password reset names no user", false],
  [JSON.stringify({ password: HASH, userId: "1" }), "error A password reset names no user", false],
  [JSON.stringify({ password: HASH, userId: 9 }), "error A password reset names no user", false],
])("the reset %s changes no user: %s (the file stays: %s)", async (text, message, stays) => {
  const { folder, users, sessions, take, messages } = await open();
  writeFileSync(join(folder, FILE), text);
  await take();
  expect([messages(), existsSync(join(folder, FILE)), sessions.size]).toEqual([[message], stays, 2]);
  expect([...users.values()].map(({ updatedAt }) => updatedAt)).toEqual([0, 0]);
});

test("a reset that is left while the server applies an earlier one is applied at the next login", async () => {
  const { folder, users, credentials, sessions, logger, take } = await open();
  const passwords: PasswordSetter = {
    async set({ id }, hash) {
      await leaveReset(folder, { password: HASH, userId: 2 });
      await credentials.setPassword(id, hash);
    },
  };
  await leaveReset(folder, { password: HASH });
  await takeReset({ folder, users, sessions, passwords, logger });
  expect([sessions.ofUser(1).length, sessions.ofUser(2).length]).toEqual([0, 1]);
  await take();
  expect([sessions.ofUser(2).length, credentials.passwordOf(2), readdirSync(folder)]).toEqual([0, HASH, []]);
});

test("a reset that cannot be written leaves no file behind", async () => {
  const { folder } = await open();
  await expect(leaveReset(join(folder, "none"), { password: HASH })).rejects.toThrow("ENOENT");
  expect(readdirSync(folder)).toEqual([]);
});
