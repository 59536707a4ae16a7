import { expect, test } from "vitest";
import { beyondRetention } from "./retention.ts";

const block = (maxTime: number, sizeBytes = 10): { maxTime: number; sizeBytes: number } => ({ maxTime, sizeBytes });
const blocks = [block(100), block(300), block(200)];

test("retention by time is measured from the end of the newest block and includes the limit itself", () => {
  const times = (timeMs: number): number[] =>
    beyondRetention(blocks, { timeMs, sizeBytes: 0 }, 0).byTime.map(({ maxTime }) => maxTime);
  expect(times(201)).toEqual([]);
  expect(times(200)).toEqual([100]);
  expect(times(100)).toEqual([200, 100]);
  expect(times(1)).toEqual([200, 100]);
  expect(times(0)).toEqual([]);
});

test("retention by size keeps the newest blocks that fit in addition to logs and head files", () => {
  const times = (sizeBytes: number, otherBytes: number): number[] =>
    beyondRetention(blocks, { timeMs: 0, sizeBytes }, otherBytes).bySize.map(({ maxTime }) => maxTime);
  expect(times(30, 0)).toEqual([]);
  expect(times(29, 0)).toEqual([100]);
  expect(times(30, 11)).toEqual([200, 100]);
  expect(times(30, 30)).toEqual([300, 200, 100]);
  expect(times(0, 1000)).toEqual([]);
});

test("retention deletes nothing if there are no blocks", () => {
  expect(beyondRetention([], { timeMs: 1, sizeBytes: 1 }, 5)).toEqual({ byTime: [], bySize: [] });
});
