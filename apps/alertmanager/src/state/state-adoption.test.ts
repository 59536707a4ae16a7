import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { openSqlite } from "@narthex/store";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { adoptState } from "./state-adoption.ts";

test("the state in a file is copied to the database once, and does not replace existing entries", async () => {
  const own = openSqlite(":memory:");
  const shared = new SharedMemory().open();
  const logger = memoryLogger();
  const options = { own, shared, place: "postgres://db", clock: new ManualClock(1000), logger };
  const entry = (key: string, value: string, expiresAt = 2000) => ({ key, value, expiresAt });
  await own.collection("silences").change([entry("a", "file"), entry("b", "file"), entry("old", "file", 999)], []);
  await shared.collection("silences").put(entry("b", "database"));
  shared.reach(false);
  await adoptState(options);
  shared.reach(true);
  await adoptState(options);
  expect(await shared.collection("silences").entries()).toEqual([entry("a", "file"), entry("b", "database")]);
  expect(logger.lines.map(({ fields }) => fields["silences"])).toEqual([1]);
  await shared.collection("silences").remove("a");
  await adoptState(options);
  expect((await shared.collection("silences").entries()).length).toBe(1);
  await own.close();
});
