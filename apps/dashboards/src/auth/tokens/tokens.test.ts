import { setImmediate } from "node:timers/promises";
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

test("a token has a name of at most 189 characters and lives at most 100 leap years, and an account has at most 1,000", async () => {
  const tokens = await Tokens.open(emptyStore(), new ManualClock(1));
  const add = (name: string, seconds = 0) => tokens.add(1, name, seconds).then(() => "", String);
  const years = 100 * 366 * 86_400;
  for (const [name, seconds, refusal] of [
    ["longest", years, ""],
    ["longer", years + 1, `secondsToLive must be between 0, for no limit, and ${years}`],
    ["negative", -1, `secondsToLive must be between 0, for no limit, and ${years}`],
    ["n".repeat(189), 0, ""],
    ["n".repeat(190), 0, "can have at most 189 characters"],
    [" ", 0, "a token must have a name"],
  ] as const)
    expect(await add(name, seconds)).toContain(refusal);
  for (let i = 2; i < 1000; i++) expect(await add(`token ${i}`)).toBe("");
  expect(await add("one more")).toContain("a service account can have at most 1000 tokens");
  await tokens.provide(1, "longest", { digest: tokenDigest("replaced"), expires: 0 });
  expect(tokens.ofAccount(1)).toHaveLength(1000);
});

test("the time of the last use is written again only after five minutes", async () => {
  const clock = new ManualClock(1_000_000);
  const tokens = await Tokens.open(emptyStore(), clock);
  const { text, token } = await tokens.add(1, "a", 0);
  const lastUsed = () => tokens.ofAccount(1)[0]!.lastUsed;
  expect(token.lastUsed).toBe(0);
  await tokens.find(text);
  expect(lastUsed()).toBe(1_000_000);
  await clock.advance(5 * MINUTE_MS - 1);
  await tokens.find(text);
  expect(lastUsed()).toBe(1_000_000);
  await clock.advance(1);
  await tokens.find(text);
  expect(lastUsed()).toBe(1_000_000 + 5 * MINUTE_MS);
});

test("a token is accepted even if the store refuses to write the time of its use", async () => {
  const store = emptyStore();
  const tokens = await Tokens.open(store, new ManualClock(1_000_000));
  const { text } = await tokens.add(1, "a", 0);
  store.exchange = () => Promise.reject(new StoreError("full"));
  expect((await tokens.find(text))?.name).toBe("a");
});

test("an imported API key is found, a key of another name causes no digest, and a repeated import has no effect", async () => {
  const tokens = await Tokens.open(emptyStore(), new ManualClock(1));
  const textOf = (k: string, n: string): string => Buffer.from(JSON.stringify({ k, n, id: 1 })).toString("base64");
  const text = textOf("the secret of a script", "ci");
  const digest = (await grafanaTokenDigest(text))!;
  const key = { name: "ci", digest, created: 1, expires: 0, lastUsed: 0 };
  await tokens.adopt(7, key);
  await tokens.adopt(7, key);
  await expect(tokens.adopt(8, { ...key, name: "same text" })).rejects.toThrow("has the same text as another token");
  await expect(tokens.adopt(7, { ...key, digest: "0".repeat(100) })).rejects.toThrow("already exists");
  expect(await tokens.find(textOf("another secret", "ci"))).toBeUndefined();
  expect(await tokens.find(textOf("the secret of a script", "unknown"))).toBeUndefined();
  expect(await tokens.find(text)).toMatchObject({ accountId: 7, name: "ci" });
  expect(await tokens.find(text)).toMatchObject({ accountId: 7, digest: tokenDigest(text) });
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

test("an imported token is accepted even if the store refuses to replace its digest", async () => {
  const store = emptyStore();
  const tokens = await Tokens.open(store, new ManualClock(1));
  const text = newToken();
  const digest = (await grafanaTokenDigest(text))!;
  await tokens.provide(1, "imported", { digest, algorithm: "grafana", expires: 0 });
  store.exchange = () => Promise.reject(new StoreError("full"));
  expect((await tokens.find(text))?.name).toBe("imported");
  expect(tokens.ofAccount(1)).toMatchObject([{ digest, algorithm: "grafana" }]);
});

test("two tokens cannot have the same text", async () => {
  const tokens = await Tokens.open(emptyStore(), new ManualClock(1));
  const text = newToken();
  const given = { digest: tokenDigest(text), expires: 0 };
  await tokens.provide(1, "weak", given);
  await expect(tokens.provide(2, "strong", given)).rejects.toMatchObject({
    statusCode: 400,
    message: 'the token "strong" has the same text as another token',
  });
  await expect(tokens.provide(1, "second", given)).rejects.toMatchObject({ statusCode: 400 });
  expect((await tokens.find(text))?.accountId).toBe(1);
});

test("two instances can provide the same token at once, and another text replaces the token", async () => {
  const store = emptyStore();
  const clock = new ManualClock(1);
  const [one, other] = [await Tokens.open(store, clock), await Tokens.open(store, clock)];
  const given = { digest: tokenDigest("a"), expires: 0 };
  const exchange = store.exchange.bind(store);
  // Makes both instances prepare their change before either of them writes.
  store.exchange = async (writes) => {
    await setImmediate();
    return exchange(writes);
  };
  const provided = await Promise.all([one.provide(1, "ci", given), other.provide(1, " ci ", given)]);
  expect(provided.map(({ id, name }) => [id, name])).toEqual([
    [1, "ci"],
    [1, "ci"],
  ]);
  await one.provide(1, "ci", { digest: tokenDigest("b"), expires: 0 });
  expect(one.ofAccount(1)).toMatchObject([{ id: 2, digest: tokenDigest("b") }]);
});

test("an imported token is refused while too many invented tokens are examined, and accepted afterwards", async () => {
  const tokens = await Tokens.open(emptyStore(), new ManualClock(1));
  const text = newToken();
  const digest = (await grafanaTokenDigest(text))!;
  await tokens.provide(1, "imported", { digest, algorithm: "grafana", expires: 0 });
  const invented = Array.from({ length: 104 }, () => tokens.find(newToken()));
  expect(await tokens.find(text)).toBeUndefined();
  await Promise.all(invented);
  expect((await tokens.find(text))?.name).toBe("imported");
});
