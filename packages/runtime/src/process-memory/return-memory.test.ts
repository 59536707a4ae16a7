import { expect, test } from "vitest";
import { returnFreedMemory, returnMemoryOfStart } from "./return-memory.ts";

test("memory that was used only during the start is no longer part of the heap", async () => {
  let held: object[] | undefined = Array.from({ length: 500_000 }, (_, i) => ({ i, text: `${i}` }));
  const before = process.memoryUsage().heapTotal;
  expect(held.length).toBe(500_000);
  held = undefined;
  await returnMemoryOfStart();
  await returnFreedMemory();
  expect(process.memoryUsage().heapTotal).toBeLessThan(before - 10_000_000);
});
