import { datedToken } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { LoginLink } from "./login-link.ts";

const KEY = "abcdefghijklmnopqrstuvwxyz";
const TOKEN = datedToken(KEY, 2000);

test("take() accepts only one of several concurrent uses of a link, and refuses all uses after a restart of the role", async () => {
  const store = openSqlite(":memory:");
  const link = (): LoginLink => LoginLink.of(KEY, store, new ManualClock(1000))!;
  const opened = link();
  const taken = await Promise.all([opened.take(TOKEN), opened.take(TOKEN), opened.take("other")]);
  expect(taken).toEqual([true, false, false]);
  expect(await link().take(TOKEN)).toBe(false);
  expect(await link().take(datedToken(KEY, 3000))).toBe(false);
  await store.close();
});

test.each([
  ["is of another key", datedToken(`${KEY}x`, 2000)],
  ["has another expiry than its signature", TOKEN.replace("2000", "3000")],
  ["is over", datedToken(KEY, 999)],
  ["has no signature", "2000."],
  ["is empty", ""],
])("a link whose token %s is refused, and the right one is still valid", async (_, token) => {
  const store = openSqlite(":memory:");
  const link = LoginLink.of(KEY, store, new ManualClock(1000))!;
  expect([await link.take(token), await link.take(TOKEN)]).toEqual([false, true]);
  await store.close();
});

test.each([
  [undefined, false],
  ["", false],
  [KEY, true],
  [`${KEY}.`, false],
  [KEY.slice(0, 19), false],
  [KEY.slice(0, 20), true],
  ["a".repeat(201), false],
])("the variable %j contains a key: %s", (text, isKey) => {
  expect(LoginLink.of(text, openSqlite(":memory:"), new ManualClock()) !== undefined).toBe(isKey);
});

test("a link is valid until its expiry, even after a use that failed because of the store", async () => {
  const [store, clock] = [openSqlite(":memory:"), new ManualClock(2000)];
  const link = LoginLink.of(KEY, store, clock)!;
  const exchange = store.exchange.bind(store);
  store.exchange = () => Promise.reject(new Error("full"));
  await expect(link.take(TOKEN)).rejects.toThrow("full");
  store.exchange = exchange;
  await clock.advance(1);
  expect(await link.take(TOKEN)).toBe(false);
  clock.setWall(2000);
  expect(await link.take(TOKEN)).toBe(true);
  await store.close();
});
