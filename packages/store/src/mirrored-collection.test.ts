import { expect, test, vi } from "vitest";
import { mirroredCollection } from "./mirrored-collection.ts";
import { openSqlite } from "./sqlite.ts";
import { storeContract } from "./testing/contract.ts";
import { SharedMemory } from "./testing/shared-memory.ts";

const entry = (key: string, value = "1") => ({ key, value, expiresAt: 10 });

function open(wasReached = true, keepUnwritten = false) {
  const database = new SharedMemory();
  const [here, there] = [database.open(), database.open()];
  const copy = openSqlite(":memory:").collection("notes");
  const options = { wasReached: () => wasReached, keepUnwritten };
  return { here, there, copy, notes: mirroredCollection(here.collection("notes"), copy, options) };
}

storeContract("mirrored", async () => {
  const database = new SharedMemory();
  const own = openSqlite(":memory:");
  const collections = new Map<string, ReturnType<typeof mirroredCollection>>();
  const store = {
    collection(name: string) {
      const options = { wasReached: () => true, keepUnwritten: false };
      const known =
        collections.get(name) ?? mirroredCollection(database.open().collection(name), own.collection(name), options);
      collections.set(name, known);
      return known;
    },
    close: async () => undefined,
  };
  return { store, reopen: async () => store };
});

test("the copy follows the writes of this instance and of others", async () => {
  const { there, copy, notes } = open();
  await notes.put(entry("a"));
  await there.collection("notes").put(entry("b"));
  await notes.remove("a");
  await vi.waitFor(async () => expect(await copy.entries()).toEqual([entry("b")]));
});

test("before the database has been reached, entries come from the copy", async () => {
  const { copy, notes } = open(false);
  await copy.put(entry("a"));
  expect(await notes.entries()).toEqual([entry("a")]);
});

test("after the database was reached, entries missing there are removed from the copy", async () => {
  const { there, copy, notes } = open();
  await copy.put(entry("gone"));
  await there.collection("notes").put(entry("kept"));
  expect(await notes.entries()).toEqual([entry("kept")]);
  await vi.waitFor(async () => expect(await copy.entries()).toEqual([entry("kept")]));
});

test("a failed write is kept in the copy only if configured", async () => {
  for (const keepUnwritten of [false, true]) {
    const { here, copy, notes } = open(true, keepUnwritten);
    here.reach(false);
    await expect(notes.put(entry("a"))).rejects.toThrow("out of reach");
    expect((await copy.entries()).length).toBe(keepUnwritten ? 1 : 0);
  }
});
