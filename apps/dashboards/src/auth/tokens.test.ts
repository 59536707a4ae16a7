import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite, StoreError } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import { Tokens } from "./tokens.ts";
import { grafanaTokenDigest, newToken, tokenDigest } from "./token-text.ts";

const MINUTE_MS = 60_000;

function emptyStore() {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  return store;
}

test("a token has expired from the end of its lifetime on, and one without a lifetime never", async () => {
  const clock = new ManualClock(1_000_000);
  const tokens = await Tokens.open(emptyStore(), clock);
  const { text } = await tokens.add(1, "short", 60);
  const { token: endless } = await tokens.add(1, "endless", 0);
  const isExpired = async () => tokens.isExpired((await tokens.find(text))!);
  await clock.advance(MINUTE_MS - 1);
  expect(await isExpired()).toBe(false);
  await clock.advance(1);
  expect([await isExpired(), tokens.isExpired(endless)]).toEqual([true, false]);
});

test("the time of the last use is written again only after some minutes", async () => {
  const clock = new ManualClock(1_000_000);
  const tokens = await Tokens.open(emptyStore(), clock);
  const { text, token } = await tokens.add(1, "a", 0);
  const lastUsed = () => tokens.ofAccount(1)[0]!.lastUsed;
  expect(token.lastUsed).toBe(0);
  await tokens.find(text);
  expect(lastUsed()).toBe(1_000_000);
  await clock.advance(MINUTE_MS);
  await tokens.find(text);
  expect(lastUsed()).toBe(1_000_000);
  await clock.advance(5 * MINUTE_MS);
  await tokens.find(text);
  expect(lastUsed()).toBe(1_000_000 + 6 * MINUTE_MS);
});

test("a token is accepted even if the store refuses to write the time of its use", async () => {
  const store = emptyStore();
  const tokens = await Tokens.open(store, new ManualClock(1_000_000));
  const { text } = await tokens.add(1, "a", 0);
  store.exchange = () => Promise.reject(new StoreError("full"));
  expect((await tokens.find(text))?.name).toBe("a");
});

test("a token that was imported from Grafana is found, and then stored with the digest of new tokens", async () => {
  const store = emptyStore();
  const tokens = await Tokens.open(store, new ManualClock(1));
  const text = newToken();
  await tokens.provide(1, "imported", { digest: (await grafanaTokenDigest(text))!, algorithm: "grafana", expires: 0 });
  expect(await tokens.find(newToken())).toBeUndefined();
  expect((await tokens.find(text))?.name).toBe("imported");
  expect(tokens.ofAccount(1)).toMatchObject([{ digest: tokenDigest(text) }]);
  expect(tokens.ofAccount(1)[0]).not.toHaveProperty("algorithm");
  expect(JSON.stringify(await store.collection("tokens").entries())).not.toContain(text);
});
