import fc from "fast-check";
import { expect, test } from "vitest";
import { numbers, plain, table, times } from "../testing/frames.ts";
import type { Frame } from "./frame.ts";
import { appendTail, sliceFrame } from "./frame-window.ts";

const series = (name: string, from: number, to: number, value = (time: number): number | null => time): Frame => {
  const all = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  return table([times(all), numbers("Value", all.map(value), { labels: { name } })]);
};

test("sliceFrame() returns views, and clips rows outside of the frame", () => {
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

test("appendTail() gives the same frames as a full answer", () => {
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

/**
 * Returns the index of the first row that remains when a tail is appended: rows before the tail that are not older than
 * `since`, then the whole tail.
 */
const firstOf = (since: number, tail: Frame, from: number, to: number): number => {
  const first = tail.length === 0 ? Infinity : (tail.fields[0]!.values as Float64Array)[0]!;
  return Math.min(first, Math.max(since, from) < to ? Math.max(since, from) : Infinity, 1e9);
};

test("a series that appears in the tail is added, and a series that is missing in the tail keeps its rows", () => {
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

test("frames that cannot be combined give undefined", () => {
  expect(appendTail([table([numbers("x", [1])])], [], 0)).toBeUndefined();
  expect(appendTail([series("a", 0, 2), series("a", 0, 2)], [], 0)).toBeUndefined();
});

test("series that share one column of times still share one column afterwards", () => {
  const result = appendTail([series("a", 0, 3), series("b", 0, 3)], [series("a", 3, 5), series("b", 3, 5)], 1)!;
  expect(result[0]!.fields[0]!.values).toBe(result[1]!.fields[0]!.values);
});
