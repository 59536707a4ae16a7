import { expect, test } from "vitest";
import type { ConditionalStore } from "../store.ts";

const entry = (value: string) => ({ value, expiresAt: 1e15 });

/**
 * Runs the tests of exchange() that every kind of store must pass. `open` returns several stores with the same state,
 * which may be the same object.
 */
export function exchangeContract(
  engine: string,
  open: (instances: number) => Promise<readonly ConditionalStore[]>,
): void {
  const close = (stores: readonly ConditionalStore[]) =>
    Promise.all([...new Set(stores)].map((store) => store.close()));

  test(`${engine}: exchange() writes all entries of a step or none, depending on the writer's knowledge`, async () => {
    const [one, two] = await open(2);
    for (const store of [one!, two!]) for (const name of ["notes", "others"]) store.collection(name);
    const odd = "a\u0000b\u0001";
    const first = [
      { collection: "notes", key: odd, before: null, entry: entry(odd) },
      { collection: "others", key: "x", entry: entry("1") },
    ];
    expect(await one!.exchange(first)).toBe(true);
    // Exchanges the first entry again, which fails because the entry exists. The write without a condition must not be
    // made either.
    expect(await two!.exchange([first[0]!, { collection: "others", key: "x", entry: entry("2") }])).toBe(false);
    expect((await two!.collection("others").get("x"))?.value).toBe("1");
    const second = { collection: "notes", key: odd, before: odd, entry: undefined };
    expect(await two!.exchange([second, { collection: "others", key: "y", before: "gone", entry: entry("3") }])).toBe(
      false,
    );
    expect((await one!.collection("notes").get(odd))?.value).toBe(odd);
    expect(await two!.exchange([second])).toBe(true);
    expect(await one!.collection("notes").entries()).toEqual([]);
    // Adds the removed entry again, because a removed entry counts as missing.
    expect(await one!.exchange([{ collection: "notes", key: odd, before: null, entry: entry("again") }])).toBe(true);
    expect(await one!.exchange([])).toBe(true);
    await close([one!, two!]);
  });

  test(`${engine}: instances that increment a counter concurrently lose no step`, async () => {
    const stores = await open(3);
    for (const store of stores) store.collection("notes");
    const count = async (store: ConditionalStore, steps: number): Promise<void> => {
      for (let done = 0; done < steps;) {
        const known = (await store.collection("notes").get("n"))?.value ?? null;
        const next = String(Number(known ?? 0) + 1);
        const isDone = await store.exchange([
          { collection: "notes", key: "n", before: known, entry: entry(next) },
          { collection: "notes", key: `step ${next}`, before: null, entry: entry("") },
        ]);
        if (isDone) done++;
      }
    };
    await Promise.all(stores.map((store) => count(store, 20)));
    const entries = await stores[0]!.collection("notes").entries();
    expect([entries.length, entries.find(({ key }) => key === "n")?.value]).toEqual([61, "60"]);
    await close(stores);
  });
}
