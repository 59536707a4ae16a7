import { expect, test } from "vitest";
import type { Store } from "../store.ts";

/**
 * Runs the tests that every kind of store must pass. `reopen` closes the store and opens it again with the same state.
 */
export function storeContract(
  engine: string,
  open: () => Promise<{ store: Store; reopen: () => Promise<Store> }>,
): void {
  test(`${engine}: put() replaces, remove() removes, and both are kept after reopening`, async () => {
    const { store, reopen } = await open();
    const notes = store.collection("notes");
    await notes.put({ key: "a", value: "1", expiresAt: 10 });
    await notes.put({ key: "b", value: "2", expiresAt: 10 });
    await notes.put({ key: "a", value: "é3", expiresAt: 20 });
    await notes.remove("b");
    await notes.remove("never there");
    const again = await reopen();
    expect(await again.collection("notes").entries()).toEqual([{ key: "a", value: "é3", expiresAt: 20 }]);
    await again.close();
  });

  test(`${engine}: get() returns any stored text, and nothing for other keys`, async () => {
    const { store } = await open();
    const notes = store.collection("notes");
    const odd = { key: `\u0000\u0001 ${"long ".repeat(2000)}`, value: "a\u0000b\u0001c\u0001\u0000", expiresAt: 10.5 };
    const written = notes.put(odd);
    expect(await notes.get(odd.key)).toEqual(odd);
    expect(await notes.entries()).toEqual([odd]);
    expect(await notes.get("\u0000")).toBeUndefined();
    await written;
    await notes.remove(odd.key);
    expect(await notes.get(odd.key)).toBeUndefined();
    await notes.put({ ...odd, value: "again" });
    expect((await notes.get(odd.key))?.value).toBe("again");
    await store.close();
  });

  test(`${engine}: change() removes and puts in one step`, async () => {
    const { store, reopen } = await open();
    const notes = store.collection("notes");
    await notes.put({ key: "a", value: "1", expiresAt: 10 });
    const b = { key: "b", value: "2", expiresAt: 10 };
    const c = { key: "c", value: "3", expiresAt: 10 };
    await notes.change([b, c], ["a", "never there"]);
    const again = await reopen();
    expect(await again.collection("notes").entries()).toEqual([b, c]);
    await again.close();
  });

  test(`${engine}: many concurrent writes are all stored, in their order`, async () => {
    const { store, reopen } = await open();
    const notes = store.collection("notes");
    await Promise.all(
      Array.from({ length: 500 }, (_, i) => notes.put({ key: String(i % 100), value: String(i), expiresAt: 10 })),
    );
    expect((await notes.entries()).find(({ key }) => key === "7")?.value).toBe("407");
    const last = notes.put({ key: "7", value: "last", expiresAt: 10 });
    const again = await reopen();
    await last;
    expect((await again.collection("notes").entries()).find(({ key }) => key === "7")?.value).toBe("last");
    await again.close();
  });

  test(`${engine}: a thousand entries change at once, also in a collection with durability "process"`, async () => {
    const { store, reopen } = await open();
    const notes = store.collection("notes", "process");
    const entries = Array.from({ length: 1000 }, (_, i) => ({ key: `k${i % 990}`, value: `v${i}`, expiresAt: i }));
    await notes.change(entries, []);
    await store.collection("others").put({ key: "a", value: "1", expiresAt: 1 });
    const again = await reopen();
    const kept = new Map((await again.collection("notes", "process").entries()).map(({ key, value }) => [key, value]));
    expect([kept.size, kept.get("k9"), kept.get("k10"), kept.get("k989")]).toEqual([990, "v999", "v10", "v989"]);
    await again.close();
  });

  test(`${engine}: dropExpired() drops expired entries, and collections are separate`, async () => {
    const { store } = await open();
    await store.collection("one").put({ key: "old", value: "x", expiresAt: 5 });
    await store.collection("one").put({ key: "new", value: "x", expiresAt: 6 });
    await store.collection("two").put({ key: "old", value: "x", expiresAt: 5 });
    expect(await store.collection("one").dropExpired(5)).toBe(1);
    expect((await store.collection("one").entries()).map(({ key }) => key)).toEqual(["new"]);
    expect((await store.collection("two").entries()).length).toBe(1);
    expect(await store.collection("one").size()).toBe(4);
    await store.close();
  });

  test(`${engine}: latest() reads pages in the order of keys, the highest first`, async () => {
    const { store } = await open();
    const notes = store.collection("notes");
    const entries = Array.from({ length: 250 }, (_, i) => ({ key: `k${1000 + i}`, value: `v${i}`, expiresAt: i }));
    await notes.change(entries.toReversed(), []);
    await store.collection("others").put({ key: "k1100", value: "other", expiresAt: 1 });
    expect(await notes.latest({}, 2)).toEqual([entries[249], entries[248]]);
    expect(await notes.latest({ before: "k1100" }, 1)).toEqual([entries[99]]);
    const page = await notes.latest({ from: "k1010", before: "k1013" }, 10);
    expect(page).toEqual([entries[12], entries[11], entries[10]]);
    expect(await notes.latest({ from: "k2" }, 10)).toEqual([]);
    await notes.remove("k1249");
    // Writes an entry without waiting, because a read must also return writes that have not finished.
    void notes.put({ key: "k1500", value: "new", expiresAt: 1 });
    expect((await notes.latest({}, 2)).map(({ key }) => key)).toEqual(["k1500", "k1248"]);
    await store.close();
  });

  test(`${engine}: trim() removes low keys in steps, by a lowest key and by a number of entries`, async () => {
    const { store } = await open();
    const notes = store.collection("notes");
    const put = (from: number, to: number) =>
      notes.change(
        Array.from({ length: to - from }, (_, i) => ({ key: `k${from + i}`, value: "v", expiresAt: 1 })),
        [],
      );
    await put(100, 200);
    await store.collection("others").put({ key: "a", value: "v", expiresAt: 1 });
    expect(await notes.trim({ from: "k130", count: 1000 }, 20)).toBe(20);
    expect(await notes.trim({ from: "k130", count: 1000 }, 20)).toBe(10);
    expect(await notes.trim({ from: "k130", count: 1000 }, 20)).toBe(0);
    expect((await notes.entries()).map(({ key }) => key).slice(0, 2)).toEqual(["k130", "k131"]);
    expect(await notes.trim({ from: "", count: 50 }, 1000)).toBe(20);
    expect(await notes.trim({ from: "", count: 50 }, 1000)).toBe(0);
    const left = (await notes.entries()).map(({ key }) => key);
    expect([left.length, left[0], left.at(-1)]).toEqual([50, "k150", "k199"]);
    expect((await store.collection("others").entries()).length).toBe(1);
    await store.close();
  });
}
