import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { Documents } from "./documents.ts";

test("nextId() gives no number twice, also when the record is gone and the store was opened again", async () => {
  const store = openSqlite(":memory:");
  const open = () => Documents.open<{ readonly id: number }>(store.collection("things"));
  const first = await open();
  expect(first.nextId()).toBe(1);
  for (const id of [1, 2, 3]) await first.put(String(id), { id });
  await first.remove("3");
  await first.remove("2");
  expect(first.nextId()).toBe(4);
  const again = await open();
  expect([again.nextId(), again.size, [...again.values()]]).toEqual([4, 1, [{ id: 1 }]]);
  await store.close();
});

test("records without a number are removed as such", async () => {
  const store = openSqlite(":memory:");
  const collection = store.collection("things");
  const documents = await Documents.open<readonly string[]>(collection);
  await documents.put("a", ["x"]);
  await documents.remove("a");
  expect(await collection.entries()).toEqual([]);
  await store.close();
});
