import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { LoginLink } from "./login-link.ts";

const TOKEN = "abcdefghijklmnopqrstuvwxyz";

test("take() accepts only one of several concurrent uses of a link, and refuses all uses after a restart of the role", async () => {
  const store = openSqlite(":memory:");
  const link = (): LoginLink => LoginLink.of(`${TOKEN}.2000`, store, new ManualClock(1000))!;
  const opened = link();
  const taken = await Promise.all([opened.take(TOKEN), opened.take(TOKEN), opened.take("other")]);
  expect(taken).toEqual([true, false, false]);
  expect(await link().take(TOKEN)).toBe(false);
  expect(await LoginLink.of(`${TOKEN}x.500`, store, new ManualClock(1000))!.take(`${TOKEN}x`)).toBe(false);
  await store.close();
});

test.each([
  [undefined, false],
  ["", false],
  [TOKEN, false],
  [`${TOKEN}.`, false],
  [`${TOKEN.slice(0, 19)}.2000`, false],
  [`${TOKEN.slice(0, 20)}.2000`, true],
  [`${"a".repeat(201)}.2000`, false],
  [`${TOKEN}.${"1".repeat(16)}`, false],
])("the variable %j contains a link: %s", (text, isLink) => {
  expect(LoginLink.of(text, openSqlite(":memory:"), new ManualClock()) !== undefined).toBe(isLink);
});

test("a link is valid until its expiry, even after a use that failed because of the store", async () => {
  const [store, clock] = [openSqlite(":memory:"), new ManualClock(2000)];
  const link = LoginLink.of(`${TOKEN}.2000`, store, clock)!;
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
