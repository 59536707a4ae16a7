import { expect, test } from "vitest";
import type { BlockMeta } from "../block/meta.ts";
import { inReadingOrder } from "./block-hints.ts";

const block = (ulid: string, minTime: number, maxTime: number, sources = [ulid], hint?: string) => ({
  meta: {
    ulid,
    minTime,
    maxTime,
    compaction: { level: 1, sources, ...(hint === undefined ? {} : { hints: [hint] }) },
  } as unknown as BlockMeta,
});
const late = (ulid: string, minTime: number, maxTime: number) =>
  block(ulid, minTime, maxTime, [ulid], "from-out-of-order");

const namesInOrder = (...blocks: ReturnType<typeof block>[]): string =>
  inReadingOrder(blocks)
    .map(({ meta }) => meta.ulid)
    .join("");

test("blocks that do not overlap are sorted by time, overlapping ones by the order in which their samples arrived", () => {
  expect(namesInOrder(block("A", 40, 60), block("B", 20, 40), block("C", 0, 20))).toBe("CBA");
  // A block of out-of-order samples comes after blocks of in-order samples, whatever its name and its start.
  expect(namesInOrder(late("A", 0, 20), block("B", 5, 20), block("C", 20, 40))).toBe("BAC");
  expect(namesInOrder(late("C", 0, 20), late("A", 0, 20), block("B", 5, 20))).toBe("BAC");
  // A merged block is ordered by the smallest name among its source blocks.
  expect(namesInOrder(block("E", 0, 20, ["C", "B"]), block("D", 0, 20), block("F", 10, 30, ["A"]))).toBe("FED");
});
