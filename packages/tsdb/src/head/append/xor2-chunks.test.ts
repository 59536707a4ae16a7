import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { appendRows, readRows } from "../../testing/sample-rows.ts";
import { Head } from "../head.ts";

/** Commits one sample for each of ten series. */
const append = (head: Head, timestamp: number): Promise<void> =>
  appendRows(
    head,
    Array.from({ length: 10 }, (_, i) => [Labels.of({ __name__: "m", id: String(i) }), timestamp, timestamp]),
  );

test("no encoder is kept once floats are encoded as XOR again, and XOR2 can be used again", async () => {
  const head = new Head(0);
  head.setFloatEncoding("xor2");
  await append(head, 1000);
  expect(head.xor2Chunks.seriesCount).toBe(10);
  head.setFloatEncoding("xor");
  expect(head.xor2Chunks.seriesCount).toBe(0);
  head.setFloatEncoding("xor2");
  await append(head, 2000);
  head.setFloatEncoding("xor");
  await append(head, 3000);
  const values = (await readRows(head, "m")).map(([, , value]) => value);
  expect(values).toEqual(Array.from({ length: 10 }, () => [1000, 2000, 3000]).flat());
  expect([head.xor2Chunks.seriesCount, head.xor2Chunks.created, head.floats.created]).toEqual([0, 20, 10]);
});
