import { openSqlite, StoreError } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { type LoginAttempt, LoginLimits } from "./login-limits.ts";

const MINUTE = 60_000;
const from = (sender: string, name = "Ann", isHidden = false): LoginAttempt => ({ name, sender, isHidden });
const never = (): boolean => false;

test("failures are counted across instances until their time window has passed", async () => {
  const database = new SharedMemory();
  const [here, there] = await Promise.all([1, 2].map(() => LoginLimits.open(database.open(), 3, 0)));
  for (const limits of [here!, there!, here!]) await limits.failed(from("n"), 1000);
  expect([here!.waitMs(from("n", "ann"), MINUTE, never), there!.waitMs(from("n"), MINUTE, never)]).toEqual([
    4 * MINUTE + 1000,
    4 * MINUTE + 1000,
  ]);
  expect(there!.waitMs(from("other"), MINUTE, never)).toBe(0);
  expect(there!.waitMs(from("n", "bob"), MINUTE, never)).toBe(0);
  expect(there!.waitMs(from("n"), 6 * MINUTE, never)).toBe(0);
  await there!.succeeded(from("n"));
  expect(here!.waitMs(from("n"), MINUTE, never)).toBe(0);
});

test("failures are counted in memory if the store refuses them", async () => {
  const store = openSqlite(":memory:");
  const limits = await LoginLimits.open(store, 3, 0);
  store.exchange = () => Promise.reject(new StoreError("full"));
  for (let i = 0; i < 3; i++) await limits.failed(from("n"), 0);
  expect(limits.waitMs(from("n"), 0, never)).toBe(5 * MINUTE);
  await store.close();
});

test("the store contains no names, and no counters whose time window has passed", async () => {
  const store = openSqlite(":memory:");
  const limits = await LoginLimits.open(store, 3, 0);
  await limits.failed(from("n", "a password typed as the name"), 0);
  const entries = await store.collection("login_failures").entries();
  expect(entries).toHaveLength(3);
  expect(JSON.stringify(entries)).not.toContain("password");
  await limits.failed(from("m"), 6 * MINUTE);
  const keys = (await store.collection("login_failures").entries()).map(({ key }) => key);
  expect(keys.filter((key) => key.startsWith("network/"))).toEqual(["network/m"]);
  expect(keys).toHaveLength(3);
  await store.close();
});

test("if there are too many counters, those with the fewest failures are removed", async () => {
  const store = openSqlite(":memory:");
  const limits = await LoginLimits.open(store, 2, 0);
  for (let i = 0; i < 2; i++) await limits.failed(from("n"), 0);
  for (let i = 0; i < 4000; i++) await limits.failed(from(`n${i}`, `name ${i}`), 0);
  expect((await store.collection("login_failures").entries()).length).toBeLessThanOrEqual(10_003);
  expect(limits.waitMs(from("n"), 0, never)).toBe(5 * MINUTE);
  await store.close();
});

test("clients behind an untrusted proxy together have 20 times the limit of a network", async () => {
  const store = openSqlite(":memory:");
  const limits = await LoginLimits.open(store, 1, 0);
  const waitMs = (isHidden: boolean): number => limits.waitMs(from("n", "new", isHidden), 0, never);
  for (let i = 0; i < 199; i++) await limits.failed(from("n", `name ${i}`, true), 0);
  expect([waitMs(true), waitMs(false)]).toEqual([0, 5 * MINUTE]);
  await limits.failed(from("n", "last"), 0);
  expect(waitMs(true)).toBe(5 * MINUTE);
  await store.close();
});

test("failures whose time is in the future, because the clock was set back, do not count", async () => {
  const store = openSqlite(":memory:");
  const limits = await LoginLimits.open(store, 1, 0);
  await limits.failed(from("n"), 90 * MINUTE);
  expect(limits.waitMs(from("n"), 0, never)).toBe(0);
  await limits.failed(from("n"), 0);
  expect(limits.waitMs(from("n"), MINUTE, never)).toBe(4 * MINUTE);
  await store.close();
});

test("failures before a successful login do not count, even if the store still contains them", async () => {
  const store = openSqlite(":memory:");
  const limits = await LoginLimits.open(store, 1, 0);
  const names = ["ann", "bob"];
  for (const name of names) await limits.failed(from("n", name), 0);
  store.exchange = () => Promise.reject(new StoreError("full"));
  for (const name of names) await expect(limits.succeeded(from("n", name))).rejects.toThrow("full");
  expect(names.map((name) => limits.waitMs(from("n", name), 0, never))).toEqual([0, 0]);
  await store.close();
});

test("for known clients, only their own failures count, not those of others", async () => {
  const limits = await LoginLimits.open(openSqlite(":memory:"), 1, 0);
  for (let i = 0; i < 10; i++) await limits.failed(from("n", `name ${i}`), 0);
  expect([limits.waitMs(from("n"), 0, never), limits.waitMs(from("n"), 0, () => true)]).toEqual([5 * MINUTE, 0]);
  await limits.failed(from("n"), 1000);
  expect(limits.waitMs(from("n"), 1000, () => true)).toBe(5 * MINUTE);
  expect(limits.waitMs(from("n"), 1000 + 5 * MINUTE - 1, () => true)).toBe(1);
  expect(limits.waitMs(from("n"), 1000 + 5 * MINUTE, never)).toBe(0);
});

test.each([
  ["network", 10, (i: number) => from("n", `name ${i}`), from("n", "new")],
  ["name", 20, (i: number) => from(`n${i}`), from("new")],
])("a %s has %d times the limit", async (_, factor, attempt, next) => {
  const limits = await LoginLimits.open(openSqlite(":memory:"), 2, 0);
  for (let i = 0; i < 2 * factor - 1; i++) await limits.failed(attempt(i), 0);
  expect(limits.waitMs(next, 0, never)).toBe(0);
  await limits.failed(attempt(-1), 0);
  expect(limits.waitMs(next, 0, never)).toBe(5 * MINUTE);
});

test("without a limit nothing is counted", async () => {
  const store = openSqlite(":memory:");
  const limits = await LoginLimits.open(store, Infinity, 0);
  await limits.failed(from("n"), 0);
  expect((await store.collection("login_failures").entries()).length).toBe(0);
  expect(limits.waitMs(from("n"), 0, never)).toBe(0);
});

test("failures in memory and in the store are added up, and end with their time window", async () => {
  const store = openSqlite(":memory:");
  const limits = await LoginLimits.open(store, 3, 0);
  const exchange = store.exchange.bind(store);
  await limits.failed(from("n"), 0);
  store.exchange = () => Promise.reject(new StoreError("full"));
  for (let i = 0; i < 2; i++) await limits.failed(from("n"), MINUTE);
  expect(limits.waitMs(from("n"), MINUTE, never)).toBe(4 * MINUTE);
  expect(limits.waitMs(from("n"), 5 * MINUTE, never)).toBe(0);
  await limits.failed(from("n"), 7 * MINUTE);
  expect(limits.waitMs(from("n"), 7 * MINUTE, never)).toBe(0);
  store.exchange = exchange;
  await limits.succeeded(from("n"));
  for (let i = 0; i < 2; i++) await limits.failed(from("n"), 7 * MINUTE);
  expect(limits.waitMs(from("n"), 7 * MINUTE, never)).toBe(0);
  store.exchange = () => Promise.reject(new Error("a bug"));
  await expect(limits.failed(from("n"), 0)).rejects.toThrow("a bug");
});
