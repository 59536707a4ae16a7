import fc from "fast-check";
import { expect, test } from "vitest";
import { numbers, plain, table, times } from "../testing/frames.ts";
import type { Frame } from "./frame.ts";
import { appendTail, sliceFrame } from "./frame-window.ts";

const series = (name: string, from: number, to: number, value = (time: number): number | null => time): Frame => {
  const all = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  return table([times(all), numbers("Value", all.map(value), { labels: { name } })]);
};

test("sliceFrame() gives views, and no rows outside", () => {
  const frame = series("a", 0, 10);
  const slice = sliceFrame(frame, 2, 4);
  expect(plain(slice)).toEqual([
    ["Time", "time", 2, 3],
    ["Value", "number", 2, 3],
  ]);
  expect((slice.fields[0]!.values as Float64Array).buffer).toBe((frame.fields[0]!.values as Float64Array).buffer);
  expect(sliceFrame(frame, -5, 99)).toBe(frame);
  expect(sliceFrame(frame, 8, 3).length).toBe(0);
});

test("appendTail() is what a full answer would be", () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(30), (from, length, overlap, grown) => {
      const to = from + length;
      const end = to + grown;
      const since = from + Math.min(grown, length);
      const tail = series("a", Math.max(from, to - overlap), end);
      const result = appendTail([series("a", from, to)], [tail], since)!;
      const rows = series("a", Math.min(since, Math.max(from, to - overlap)), end);
      expect(result.flatMap(plain)).toEqual(
        rows.length === 0 && tail.length === 0 ? [] : plain(series("a", firstOf(since, tail, from, to), end)),
      );
    }),
  );
});

/** Of the rows before the tail those since `since` are kept; the tail is kept as a whole. */
const firstOf = (since: number, tail: Frame, from: number, to: number): number => {
  const first = tail.length === 0 ? Infinity : (tail.fields[0]!.values as Float64Array)[0]!;
  return Math.min(first, Math.max(since, from) < to ? Math.max(since, from) : Infinity, 1e9);
};

test("series that come and go are taken over", () => {
  const result = appendTail(
    [series("gone", 0, 3), series("stays", 0, 5)],
    [series("stays", 4, 7, () => null), series("new", 5, 7)],
    3,
  )!;
  expect(result.map(plain)).toEqual([
    [
      ["Time", "time", 3, 4, 5, 6],
      ["Value", "number", 3, null, null, null],
    ],
    [
      ["Time", "time", 5, 6],
      ["Value", "number", 5, 6],
    ],
  ]);
});

test("what cannot be put together is asked for anew", () => {
  expect(appendTail([table([numbers("x", [1])])], [], 0)).toBeUndefined();
  expect(appendTail([series("a", 0, 2), series("a", 0, 2)], [], 0)).toBeUndefined();
});

test("series that had one column of times have one again", () => {
  const result = appendTail([series("a", 0, 3), series("b", 0, 3)], [series("a", 3, 5), series("b", 3, 5)], 1)!;
  expect(result[0]!.fields[0]!.values).toBe(result[1]!.fields[0]!.values);
});
