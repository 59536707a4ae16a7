import { systemClock } from "@narthex/runtime";
import { openSqlite, type ConditionalStore, StoreError } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Documents } from "./documents.ts";

interface Thing {
  readonly id: number;
  readonly by?: string;
  readonly count?: number;
}

const open = (store: ConditionalStore, oneAtATime = false) => Documents.open<Thing>(store, "things", { oneAtATime });

const add = (things: Documents<Thing>, by = "me"): Promise<number> =>
  things.change(() => {
    const id = things.nextId();
    return { put: new Map([[String(id), { id, by }]]), result: id };
  });

test("nextId() never returns a number twice, even if the record was removed and the store was opened again", async () => {
  const store = openSqlite(":memory:");
  const first = await open(store);
  expect(await Promise.all([add(first), add(first), add(first)])).toEqual([1, 2, 3]);
  await first.remove("3");
  await first.remove("2");
  expect(first.nextId()).toBe(4);
  const again = await open(store);
  expect([again.nextId(), again.size, [...again.values()]]).toEqual([4, 1, [{ id: 1, by: "me" }]]);
  await store.close();
});

test("documents that have expired at the given time are removed before the documents are read", async () => {
  const store = openSqlite(":memory:");
  const things = await open(store);
  for (const [id, expiresAt] of [
    [1, 1000],
    [2, 1001],
  ] as const)
    await things.update(String(id), () => ({ id }), expiresAt);
  const idsOf = (opened: Documents<Thing>): readonly number[] => [...opened.values()].map(({ id }) => id);
  expect(idsOf(await open(store))).toEqual([1, 2]);
  expect(idsOf(await Documents.open<Thing>(store, "things", { dropExpiredAt: 1000 }))).toEqual([2]);
  expect(idsOf(await open(store))).toEqual([2]);
  await store.close();
});

test("nextId() is higher than the ids of records from a version that did not store the highest number", async () => {
  const store = openSqlite(":memory:");
  await store.collection("things").put({ key: "7", value: '{"id":7}', expiresAt: 1e15 });
  const things = await open(store);
  await things.remove("7");
  expect((await open(store)).nextId()).toBe(8);
  await store.close();
});

test("a record can be changed even if another program wrote it in another format, or if it is invalid", async () => {
  const store = openSqlite(":memory:");
  await store.collection("things").put({ key: "1", value: '{ "id": 1 }', expiresAt: 1e15 });
  await store.collection("things").put({ key: "2", value: "no JSON", expiresAt: 1e15 });
  const things = await open(store);
  expect(things.size).toBe(1);
  await things.update("1", (before) => ({ ...before!, count: 1 }));
  await things.update("2", () => ({ id: 2 }));
  expect([...(await open(store)).values()]).toEqual([{ id: 1, count: 1 }, { id: 2 }]);
  await store.close();
});

test("documents that exceed the memory limit of their collection are refused, and existing ones stay", async () => {
  const database = new SharedMemory();
  const memory = { noun: "thing", document: 200, collection: 500 };
  const openLimited = () => Documents.open<Thing>(database.open(), "things", { memory });
  const put = (things: Documents<Thing>, key: string, length: number) =>
    things.update(key, () => ({ id: Number(key), by: "x".repeat(length) }));
  const things = await openLimited();
  await expect(put(things, "1", 180)).rejects.toMatchObject({
    statusCode: 413,
    message: "the thing needs 244 bytes of memory; at most 200 are allowed",
  });
  for (const key of ["1", "2", "3"]) await put(things, key, 100);
  const full = {
    statusCode: 507,
    message: "there is no room for another thing: together they may use 500 bytes; delete some first",
  };
  await expect(put(things, "4", 100)).rejects.toMatchObject(full);
  expect([...things.values()].map(({ id }) => id)).toEqual([1, 2, 3]);
  // Documents of other instances count towards the limit; removed and refused documents do not.
  const others = await openLimited();
  await expect(put(others, "4", 100)).rejects.toMatchObject(full);
  await put(others, "3", 90);
  await others.remove("2");
  await put(others, "4", 100);
  expect([...(await openLimited()).values()].map(({ id }) => id).sort()).toEqual([1, 3, 4]);
});

test("documents with few characters but many values are refused too", async () => {
  const store = openSqlite(":memory:");
  const memory = { noun: "list", document: 1000, collection: 5000 };
  const lists = await Documents.open<readonly object[]>(store, "lists", { memory });
  await lists.update("1", () => Array.from({ length: 10 }, () => ({})));
  await expect(lists.update("2", () => Array.from({ length: 30 }, () => ({})))).rejects.toMatchObject({
    statusCode: 413,
  });
  await store.close();
});

test("a change that the store refuses is undone, even if another change was already based on it", async () => {
  const database = new SharedMemory();
  const store = database.open();
  const things = await open(store);
  await add(things);
  store.reach(false);
  const changes = [1, 2].map((count) => things.update("1", (before) => ({ ...before!, count })));
  for (const { status } of await Promise.allSettled(changes)) expect(status).toBe("rejected");
  store.reach(true);
  expect(things.get("1")).toEqual({ id: 1, by: "me" });
});

test("a completed change stays visible even if the store cannot be read after it", async () => {
  const database = new SharedMemory();
  const [store, other] = [database.open(), database.open()];
  const [things, others] = [
    await open({ ...store, exchange: (writes) => exchangedThenGone(writes) }),
    await open(other),
  ];
  await add(others);
  let isRaced = true;
  /**
   * Another instance writes at the same time, so the current values must be read from the store. The store becomes
   * unreachable before this read.
   */
  async function exchangedThenGone(writes: Parameters<ConditionalStore["exchange"]>[0]): Promise<boolean> {
    if (!isRaced) return store.exchange(writes);
    isRaced = false;
    await others.update("1", (before) => ({ ...before!, by: "other" }));
    const isDone = await store.exchange(writes.filter(({ key }) => key === "2" || key === "#highest"));
    store.reach(false);
    return isDone;
  }
  const made = things.change(() => ({
    put: new Map([
      ["1", { id: 1, by: "me" }],
      ["2", { id: 2, by: "me" }],
    ]),
    result: "made",
  }));
  expect(await made).toBe("made");
  expect(things.get("2")).toEqual({ id: 2, by: "me" });
  store.reach(true);
});

test("a change that lost against another instance's change is not visible, even if the store cannot be read after it", async () => {
  const store = new SharedMemory().open();
  const things = await open({
    ...store,
    exchange() {
      store.reach(false);
      return Promise.resolve(false);
    },
  });
  await expect(things.update("1", () => ({ id: 1 }))).rejects.toThrow(StoreError);
  expect(things.get("1")).toBeUndefined();
  store.reach(true);
});

test("instances with repeated conflicts pause for random times", async () => {
  const store = new SharedMemory().open();
  const pauses: number[] = [];
  const clock = { ...systemClock, sleep: (ms: number) => Promise.resolve(void pauses.push(ms)) };
  const exchange = (): Promise<boolean> => Promise.resolve(false);
  const things = await Documents.open<Thing>({ ...store, exchange }, "things", { clock });
  await expect(things.update("1", () => ({ id: 1 }))).rejects.toThrow("other instances keep changing the same data");
  // A hundred attempts have 97 pauses, because the first three attempts have no pause.
  expect(pauses.length).toBe(97);
  expect(new Set(pauses).size).toBeGreaterThan(50);
  expect(pauses.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(1000);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(100);
});

test("after a conflict with another instance, `plan` is called again, and may refuse the change", async () => {
  const database = new SharedMemory();
  // Opens two instances, of which `deaf` gets no notifications about changes of the other.
  const [one, deaf] = [database.open(), database.open()];
  const [first, second] = [await open(one), await open({ ...deaf, collection: (name) => unheard(deaf, name) })];
  await add(first);
  expect(await add(second)).toBe(2);
  await first.update("1", (before) => ({ ...before!, count: 5 }));
  await second.readAgain(["1"]);
  await first.update("1", (before) => ({ ...before!, count: before!.count! + 1 }));
  await second.update("1", (before) => ({ ...before!, count: before!.count! + 1 }));
  expect(second.get("1")!.count).toBe(7);
  await first.remove("1");
  const refused = second.update("1", (before) => {
    if (before === undefined) throw new Error("gone");
    return { ...before, count: 9 };
  });
  await expect(refused).rejects.toThrow("gone");
  expect(second.get("1")).toBeUndefined();
});

test("changes with oneAtATime are based on all earlier changes of other instances", async () => {
  const database = new SharedMemory();
  const deaf = () => {
    const store = database.open();
    return open({ ...store, collection: (name) => unheard(store, name) }, true);
  };
  const all = await Promise.all([deaf(), deaf(), deaf()]);
  // Two documents must not have the same name. Their keys differ, so only `oneAtATime` can prevent a duplicate.
  const name = (things: Documents<Thing>, by: string): Promise<boolean> =>
    things.change(() => {
      if (things.values().some((thing) => thing.by === by)) return { result: false };
      const id = things.nextId();
      return { put: new Map([[String(id), { id, by }]]), result: true };
    });
  const made = await Promise.all(all.flatMap((things) => ["a", "b", "c"].map((by) => name(things, by))));
  expect(made.filter((isMade) => isMade)).toHaveLength(3);
});

test("a guard prevents a change if the guarded document has changed", async () => {
  const database = new SharedMemory();
  const [one, two] = [database.open(), database.open()];
  const folders = await Documents.open<Thing>(one, "folders");
  const behind = await Documents.open<Thing>({ ...two, collection: (name) => unheard(two, name) }, "folders");
  await add(folders);
  await behind.refresh();
  const things = await open(two);
  await folders.remove("1");
  const saved = things.change(() => {
    const guard = behind.guard("1");
    if (guard === undefined) throw new Error("the folder is gone");
    return { put: new Map([["x", { id: 1 }]]), guards: [guard], result: undefined };
  });
  await expect(saved).rejects.toThrow("the folder is gone");
  expect(things.size).toBe(0);
});

test("a change of another instance is not lost if it arrives while a refused change is being read again", async () => {
  const database = new SharedMemory();
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => open(database.open())));
  const ids = [add(first!, "first"), add(second!, "second"), add(first!, "first")];
  for (let turn = 0; turn < 3; turn++) await Promise.all([]);
  ids.push(add(second!, "second"));
  await Promise.all(ids);
  const seen = [first!, second!, third!].map((things) => [...things.entries()].toSorted());
  expect(seen[0]).toEqual(seen[2]);
  expect(seen[1]).toEqual(seen[2]);
});

test("whatever several instances do concurrently, each number is used once, and in the end all have the same documents", async () => {
  const step = fc.record({
    by: fc.nat(2),
    key: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom("add", "count", "remove", "wait"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const database = new SharedMemory();
      const all = await Promise.all([0, 1, 2].map(() => open(database.open())));
      const ids: Promise<number>[] = [];
      let counted = 0;
      const work: Promise<unknown>[] = [];
      for (const { by, key, kind } of steps) {
        const things = all[by]!;
        if (kind === "add") ids.push(add(things));
        else if (kind === "remove") work.push(things.remove(`c${key}`));
        else if (kind === "count") {
          counted++;
          work.push(things.update("sum", (before) => ({ id: 0, count: (before?.count ?? 0) + 1 })));
        } else await Promise.all(work);
      }
      await Promise.all([...work, ...ids]);
      const had = await Promise.all(ids);
      expect(new Set(had).size).toBe(had.length);
      expect(all[0]!.get("sum")?.count ?? 0).toBe(counted);
      const seen = all.map((things) => JSON.stringify([...things.entries()].toSorted()));
      expect(new Set(seen).size).toBe(1);
    }),
  );
});

function unheard(store: ConditionalStore, name: string): ReturnType<ConditionalStore["collection"]> {
  return { ...store.collection(name), watch: () => () => undefined };
}
