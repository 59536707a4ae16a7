import { openSqlite } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import type { PasswordHash } from "../passwords/passwords.ts";
import { Users } from "../users/users.ts";
import { Credentials } from "./credentials.ts";

function openStore() {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  return store;
}

const HASH = { algorithm: "scrypt", salt: "aa", hash: "bb" } as const;
const OTHER = { algorithm: "pbkdf2", salt: "cc", hash: "dd" } as const;
const ANN = {
  login: "ann",
  email: "ann@x",
  name: "",
  role: "Viewer",
  isServerAdmin: false,
  isDisabled: false,
  createdAt: 0,
  updatedAt: 0,
} as const;
const password = (hash: PasswordHash) => ({ kind: "password", hash }) as const;
const nobodyIsGone = () => false;

test("a user has a password and accounts of other systems, which all end with the user", async () => {
  const store = openStore();
  const credentials = await Credentials.open(store);
  const users = await Users.open(store, credentials);
  const root = await users.add(
    { ...ANN, login: "root", email: "", role: "Admin", isServerAdmin: true },
    password(OTHER),
  );
  const { id } = await users.add(ANN, password(HASH));
  await credentials.bind({ userId: id, provider: "ldap", subject: "cn=ann" }, nobodyIsGone);
  await credentials.bind({ userId: id, provider: "jwt", subject: "7" }, nobodyIsGone);
  const again = await Credentials.open(store);
  for (const opened of [credentials, again]) {
    expect(opened.passwordOf(id)).toEqual(HASH);
    expect(
      opened
        .externalOf(id)
        .map(({ provider }) => provider)
        .toSorted(),
    ).toEqual(["jwt", "ldap"]);
    expect([opened.userOf("ldap", "cn=ann"), opened.userOf("jwt", "cn=ann")]).toEqual([id, undefined]);
    expect([...opened.algorithms].toSorted()).toEqual(["argon2id", "pbkdf2", "scrypt"]);
  }
  await credentials.unbind(credentials.externalOf(id).find(({ provider }) => provider === "jwt")!);
  expect(credentials.externalOf(id).map(({ provider }) => provider)).toEqual(["ldap"]);
  await users.remove(id);
  expect([credentials.passwordOf(id), credentials.externalOf(id)]).toEqual([undefined, []]);
  expect(credentials.passwordOf(root.id)).toEqual(OTHER);
});

test("an account of another system belongs to one user, until this user no longer exists", async () => {
  const credentials = await Credentials.open(openStore());
  const bind = (userId: number, isGone = nobodyIsGone) =>
    credentials.bind({ userId, provider: "ldap", subject: "cn=ann" }, isGone);
  expect([await bind(1), await bind(2), await bind(1)]).toEqual([1, 1, 1]);
  expect(await bind(2, () => true)).toBe(2);
});

test("a password is replaced only if it is still the expected one", async () => {
  const credentials = await Credentials.open(openStore());
  await credentials.setPassword(1, HASH, OTHER);
  expect(credentials.passwordOf(1)).toBeUndefined();
  await credentials.setPassword(1, HASH);
  await credentials.setPassword(1, OTHER, { ...HASH, hash: "ee" });
  expect(credentials.passwordOf(1)).toEqual(HASH);
  await credentials.setPassword(1, OTHER, HASH);
  expect(credentials.passwordOf(1)).toEqual(OTHER);
});

test("passwords in the users of an earlier version are moved to the credentials once, and no newer password is replaced", async () => {
  const store = openStore();
  const put = (id: number, more: object) => {
    const value = JSON.stringify({ ...ANN, login: `user ${id}`, id, uid: `u${id}`, ...more });
    return store.collection("users").put({ key: String(id), value, expiresAt: Number.MAX_SAFE_INTEGER });
  };
  const NO_HASH = { algorithm: "scrypt", salt: "", hash: "" };
  await put(1, { password: HASH });
  await put(2, { password: NO_HASH, isServiceAccount: true });
  await put(3, { password: HASH });
  await (await Credentials.open(store)).setPassword(3, OTHER);
  for (let start = 0; start < 2; start++) {
    const credentials = await Credentials.open(store);
    const users = await Users.open(store, credentials);
    expect([1, 2, 3].map((id) => credentials.passwordOf(id))).toEqual([HASH, undefined, OTHER]);
    expect([...users.accounts()].map((user) => "password" in user)).toEqual([false, false, false]);
  }
  expect((await store.collection("users").entries()).some(({ value }) => value.includes("password"))).toBe(false);
});

test("instances that move the same password at once leave one credential", async () => {
  const store = openStore();
  const value = JSON.stringify({ ...ANN, id: 1, uid: "u", password: HASH });
  await store.collection("users").put({ key: "1", value, expiresAt: Number.MAX_SAFE_INTEGER });
  const opened = await Promise.all([Credentials.open(store), Credentials.open(store)]);
  await Promise.all(opened.map((credentials) => Users.open(store, credentials)));
  expect(opened.map((credentials) => credentials.passwordOf(1))).toEqual([HASH, HASH]);
});
