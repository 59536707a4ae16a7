import { expect, test, vi } from "vitest";
import type { Change, Store } from "../store.ts";

/** Time limit in ms for expected events. Reached only if a test fails. */
const PATIENCE_MS = 300_000;

/**
 * Runs the tests for stores that several instances share. `open` returns a store for each instance, all with the same
 * state.
 */
export function sharedStoreContract(engine: string, open: (instances: number) => Promise<readonly Store[]>): void {
  test(`${engine}: a watcher receives changes by others, and not its own`, async () => {
    const [one, two] = await open(2);
    const changes: Change[] = [];
    const stop = two!.collection("notes").watch((change) => changes.push(change));
    await two!.collection("notes").put({ key: "own", value: "x", expiresAt: 10 });
    await one!.collection("other").put({ key: "elsewhere", value: "x", expiresAt: 10 });
    const entries = Array.from({ length: 400 }, (_, i) => ({ key: `é${i}`, value: "1", expiresAt: 10 }));
    await one!.collection("notes").change(entries, []);
    await one!.collection("notes").remove("é7");
    const reportedKeys = (): ReadonlySet<string> => new Set(changes.flatMap(({ put }) => put.map(({ key }) => key)));
    const isRemoved = (): boolean => changes.some(({ removed }) => removed.includes("é7"));
    // Key é7 may be removed before it was read, and its removal may be reported before the other entries were read.
    const missing = (): readonly string[] =>
      entries.map(({ key }) => key).filter((key) => key !== "é7" && !reportedKeys().has(key));
    await vi.waitFor(() => expect([isRemoved(), missing()]).toEqual([true, []]), { timeout: PATIENCE_MS });
    expect([reportedKeys().has("own"), reportedKeys().has("elsewhere")]).toEqual([false, false]);
    expect(changes.every(({ complete }) => !complete)).toBe(true);
    stop();
    await Promise.all([one!.close(), two!.close()]);
  });

  test(`${engine}: an entry does not replace one that was changed later, and a removed one may be added again`, async () => {
    const [one, two] = await open(2);
    const entry = { key: "a", value: "new", expiresAt: 10, changedAt: 2 };
    await one!.collection("notes").put(entry);
    await two!.collection("notes").put({ ...entry, value: "old", changedAt: 1 });
    expect(await one!.collection("notes").get("a")).toEqual(entry);
    await two!.collection("notes").put({ ...entry, value: "newest", changedAt: 3 });
    expect((await one!.collection("notes").get("a"))?.value).toBe("newest");
    await one!.collection("notes").remove("a");
    expect(await two!.collection("notes").entries()).toEqual([]);
    await two!.collection("notes").put({ ...entry, changedAt: 4 });
    expect((await one!.collection("notes").get("a"))?.value).toBe("new");
    await Promise.all([one!.close(), two!.close()]);
  });

  test(`${engine}: instances that write the same keys at once do not block each other`, async () => {
    const stores = await open(3);
    const keys = Array.from({ length: 60 }, (_, i) => String(i));
    await Promise.all(
      stores.flatMap((store, writer) =>
        Array.from({ length: 10 }, (_, round) => {
          const put = keys.map((key) => ({ key, value: `${writer}`, expiresAt: 10, changedAt: round }));
          return store.collection("notes").change(writer % 2 === 0 ? put : put.toReversed(), []);
        }),
      ),
    );
    expect((await stores[0]!.collection("notes").entries()).map(({ changedAt }) => changedAt)).toEqual(
      keys.map(() => 9),
    );
    await Promise.all(stores.map((store) => store.close()));
  });
}
