import { memoryLogger } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { KeptPositions, POSITIONS } from "./kept-positions.ts";

const NOW = { segment: 7, offset: 4096 };
const BEGINNING = { acknowledged: { ...NOW, entry: -1 }, inFlight: undefined };

async function positionsWith(value?: string) {
  const store = openSqlite(":memory:");
  const collection = store.collection(POSITIONS, "process");
  if (value !== undefined) await collection.put({ key: "a", value, expiresAt: Number.MAX_SAFE_INTEGER });
  const logger = memoryLogger();
  return { store, logger, positions: new KeptPositions(collection, logger) };
}

test("a stored position is found by its own queue and by no other queue", async () => {
  const { store, positions } = await positionsWith();
  const at = (offset: number) => ({ segment: 1, offset, entry: 3 });
  const shards = [
    { acknowledged: at(8), inFlight: at(16) },
    { acknowledged: at(4), inFlight: undefined },
  ];
  await positions.save("a", shards);
  await positions.begin("a", NOW, 1);
  await positions.begin("b", NOW, 2);
  expect(await positions.load("a")).toEqual(shards);
  expect(await positions.load("b")).toEqual([BEGINNING, BEGINNING]);
  await positions.retain(["b"]);
  expect(await positions.load("a")).toBeUndefined();
  await store.close();
});

test.each([
  "",
  "{",
  "null",
  "7",
  "{}",
  '{"shards":7}',
  '{"shards":[]}',
  '{"shards":[7]}',
  '{"shards":[[]]}',
  '{"shards":[[[1,2]]]}',
  '{"shards":[[["1",2,3]]]}',
  '{"shards":[[[1,2,3],[1,null,3]]]}',
  '{"shards":[[[1,2.5,3]]]}',
  '{"shards":[[[-1,2,3]]]}',
])("if the position is damaged, the queue begins at the current time and stores that (%j)", async (value) => {
  const { store, logger, positions } = await positionsWith(value);
  expect(await positions.load("a")).toBeUndefined();
  await positions.begin("a", NOW, 1);
  expect(await positions.load("a")).toEqual([BEGINNING]);
  if (!value.endsWith("[]}")) expect(logger.lines[0]!.message).toContain("keeping how far the log was sent");
  await store.close();
});
