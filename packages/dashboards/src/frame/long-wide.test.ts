import fc from "fast-check";
import { expect, test } from "vitest";
import { numbers, plain, strings, table, times } from "../testing/frames.ts";
import { alignTimes, multiToWide } from "./align-times.ts";
import { wideToLong } from "./long-wide.ts";
import { sortByTime, sortRows } from "./sort-frame.ts";

test("wideToLong() makes a row for each time and label set", () => {
  const wide = table([
    times([1, 2]),
    numbers("cpu", [1, 3], { labels: { host: "a" } }),
    numbers("cpu", [2, null], { labels: { host: "b" } }),
    numbers("mem", [10, 30], { labels: { host: "a" } }),
  ]);
  expect(plain(wideToLong(wide))).toEqual([
    ["Time", "time", 1, 1, 2, 2],
    ["host", "string", "a", "b", "a", "b"],
    ["cpu", "number", 1, 2, 3, null],
    ["mem", "number", 10, null, 30, null],
  ]);
});

test("multiToWide() joins series by time", () => {
  const frames = [
    table([times([1, 3]), numbers("a", [1, 3])], { refId: "A" }),
    table([times([2, 3]), numbers("b", [20, 30])]),
    table([numbers("no times", [1])]),
  ];
  expect(plain(multiToWide(frames)!)).toEqual([
    ["Time", "time", 1, 2, 3],
    ["a", "number", 1, null, 3],
    ["b", "number", null, 20, 30],
  ]);
  expect(multiToWide([frames[2]!])).toBeUndefined();
});

test("alignTimes() returns each time once, with the last row that has it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(NaN)), { maxLength: 8 }), {
        minLength: 1,
        maxLength: 4,
      }),
      (lists) => {
        const { times: all, rows } = alignTimes(lists.map((list) => Float64Array.from(list)));
        const expected = [...new Set(lists.flat().filter((time) => !Number.isNaN(time)))].sort((a, b) => a - b);
        expect([...all]).toEqual(expected);
        lists.forEach((list, i) => {
          expect([...(rows[i] ?? all.keys())]).toEqual(expected.map((time) => list.lastIndexOf(time)));
        });
      },
    ),
  );
});

test("columns that share their times are not copied", () => {
  const time = Float64Array.of(1, 2, 3);
  const aligned = alignTimes([time, Float64Array.of(1, 2, 3)]);
  expect(aligned.times).toBe(time);
  expect(aligned.rows).toEqual([undefined, undefined]);
});

test("rows are sorted by any column, and equal rows keep their order", () => {
  const frame = table([times([2, 1, 3, 1]), strings("s", ["b", "A", null, "a"]), numbers("n", [NaN, 1, 0, -1])]);
  expect(plain(sortByTime(frame))[1]).toEqual(["s", "string", "A", "a", "b", null]);
  expect(plain(sortRows(frame, frame.fields[1]!))[0]).toEqual(["Time", "time", 1, 1, 2, 3]);
  expect(plain(sortRows(frame, frame.fields[2]!, true))[2]).toEqual(["n", "number", 1, 0, -1, NaN]);
});
