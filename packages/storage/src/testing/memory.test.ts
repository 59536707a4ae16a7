import { Labels, Matcher } from "@narthex/model";
import { expect, test } from "vitest";
import { SampleColumns } from "../sample-columns.ts";
import { describeStorage } from "./contract.ts";
import { MemoryStorage } from "./memory.ts";

describeStorage("MemoryStorage", () => {
  const storage = new MemoryStorage({ maxAgeMs: 3_600_000 });
  return { appendable: storage, queryable: storage, close() {} };
});

test("load() creates a series with samples", async () => {
  const storage = new MemoryStorage();
  expect(await storage.load(Labels.of({ __name__: "up" }), [1, 2, 2], [5, 6, 7])).toEqual([0, 0, 2]);
  const set = await storage.querier(0, 9).select([new Matcher("=", "__name__", "up")], { start: 0, end: 9 });
  const into = new SampleColumns();
  set.read(0, 0, 9, into);
  expect([...into.values.subarray(0, into.count)]).toEqual([5, 6]);
});
