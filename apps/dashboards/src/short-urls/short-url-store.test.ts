import { ManualClock } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { ShortUrls } from "./short-url-store.ts";

const DAY = 86_400_000;

async function open(limits: { readonly maxUrls?: number; readonly maxCharacters?: number } = {}) {
  const clock = new ManualClock(1_000_000);
  const database = new SharedMemory();
  const urlsOf = (): Promise<ShortUrls> => ShortUrls.open(database.open(), clock, { unseenMs: 7 * DAY, ...limits });
  const kept = async (): Promise<number> => (await database.open().collection("short_urls").entries()).length;
  return { clock, database, urlsOf, kept, urls: await urlsOf() };
}

test("a short URL that is not opened expires, and is removed from the store when the next one is created", async () => {
  const { clock, urls, kept } = await open();
  const [unseen, seen] = [await urls.add("a", "me"), await urls.add("b", "me")];
  await clock.advance(6 * DAY);
  expect(await urls.open(seen)).toBe("b");
  await clock.advance(2 * DAY);
  expect([await urls.open(unseen), await urls.open(seen)]).toEqual([undefined, "b"]);
  await urls.add("c", "me");
  expect([urls.size, await kept()]).toEqual([2, 2]);
});

test.each([{ maxUrls: 3 }, { maxCharacters: 3 }])(
  "if the limit %j is exceeded, the least recently used short URL is removed, whichever instance created it",
  async (limits) => {
    const { clock, urls, urlsOf, kept } = await open(limits);
    const other = await urlsOf();
    const first = await urls.add("a", "me");
    const second = await other.add("b", "me");
    await clock.advance(1);
    await urls.add("c", "me");
    await clock.advance(1);
    expect(await other.open(first)).toBe("a");
    await urls.add("d", "me");
    expect([await urls.open(first), await other.open(second), await kept()]).toEqual(["a", undefined, 3]);
    expect([urls.size, other.size, (await urlsOf()).size]).toEqual([3, 3, 3]);
  },
);

test("rows that are not short URLs are ignored", async () => {
  const { database, urls, urlsOf } = await open();
  const known = await urls.add("a", "me");
  const others = database.open().collection("short_urls");
  for (const [i, value] of ["nonsense", "null", "{}"].entries())
    await others.put({ key: `bad${i}`, value, expiresAt: Number.MAX_SAFE_INTEGER });
  const later = await urlsOf();
  expect([await later.open("bad0"), await later.open("bad1"), await later.open("bad2")]).toEqual(
    Array.from({ length: 3 }, () => undefined),
  );
  expect([await later.open(known), later.size]).toEqual(["a", 1]);
});

test("a user who creates very many short URLs loses only their own, and a store that already exceeds the limit shrinks slowly", async () => {
  const { urls, urlsOf, kept, database, clock } = await open();
  const ann = await urls.add("of ann", "ann");
  for (let i = 0; i < 40; i++) await urls.add(`${i}`, "bob");
  const limited = await ShortUrls.open(database.open(), clock, { unseenMs: 7 * DAY, maxUrls: 20 });
  await limited.add("more", "bob");
  expect(await kept()).toBe(41 + 1 - 10);
  for (let i = 0; i < 10; i++) await limited.add("more", "bob");
  expect([await kept(), limited.size, (await urlsOf()).size, await limited.open(ann)]).toEqual([20, 20, 20, "of ann"]);
});

test("if the store refuses a new short URL, no other one is removed", async () => {
  const store = new SharedMemory().open();
  const urls = await ShortUrls.open(store, new ManualClock(1_000_000), { unseenMs: 7 * DAY, maxUrls: 1 });
  const kept = await urls.add("a", "me");
  store.refuse("disk full");
  await expect(urls.add("b", "me")).rejects.toThrow("disk full");
  store.refuse(undefined);
  expect([urls.size, await urls.open(kept)]).toEqual([1, "a"]);
});
