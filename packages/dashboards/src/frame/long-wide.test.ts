import fc from "fast-check";
import { expect, test } from "vitest";
import { numbers, plain, strings, table, times } from "../testing/frames.ts";
import { alignTimes, multiToWide } from "./align-times.ts";
import { longToWide, seriesToTable, wideToLong } from "./long-wide.ts";
import { sortByTime, sortRows } from "./sort-frame.ts";

test("longToWide() makes a column for each series, and wideToLong() restores the rows", () => {
  const long = table([
    times([1, 1, 2, 2, 3]),
    strings("host", ["a", "b", "a", "b", "a"]),
    numbers("cpu", [1, 2, 3, 4, 5]),
    numbers("mem", [10, 20, 30, null, 50]),
  ]);
  const wide = longToWide(long);
  expect(plain(wide)).toEqual([
    ["Time", "time", 1, 2, 3],
    ["cpu", "number", 1, 3, 5],
    ["cpu", "number", 2, 4, null],
    ["mem", "number", 10, 30, 50],
    ["mem", "number", 20, null, null],
  ]);
  expect(wide.fields.map(({ labels }) => labels)).toEqual([
    undefined,
    { host: "a" },
    { host: "b" },
    { host: "a" },
    { host: "b" },
  ]);
  expect(plain(wideToLong(wide))).toEqual([
    ["Time", "time", 1, 1, 2, 2, 3, 3],
    ["host", "string", "a", "b", "a", "b", "a", "b"],
    ["cpu", "number", 1, 2, 3, 4, 5, null],
    ["mem", "number", 10, 20, 30, null, 50, null],
  ]);
});

test("longToWide() names what the frame lacks", () => {
  expect(() => longToWide(table([numbers("x", [1])]))).toThrow(/no column of times/);
  expect(() => longToWide(table([times([2, 1]), numbers("x", [1, 2])]))).toThrow('row 1 of "Time"');
  const names = Array.from({ length: 10_000 }, (_, row) => `s${row}`);
  const long = table([
    times(names.map((_, row) => row)),
    strings("s", names),
    numbers(
      "x",
      names.map(() => 1),
    ),
  ]);
  expect(() => longToWide(long)).toThrow(/too many/);
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

test("seriesToTable() lists the rows of all series with their labels", () => {
  const frames = [
    table([times([1, 2]), numbers("Value", [1, 2], { labels: { host: "a" } })]),
    table([times([1]), numbers("Value", [3], { labels: { job: "x" } })]),
  ];
  expect(plain(seriesToTable(frames, "Value #A")!)).toEqual([
    ["Time", "time", 1, 2, 1],
    ["host", "string", "a", "a", null],
    ["job", "string", null, null, "x"],
    ["Value #A", "number", 1, 2, 3],
  ]);
});

test("rows are sorted by any column, and equal rows keep their order", () => {
  const frame = table([times([2, 1, 3, 1]), strings("s", ["b", "A", null, "a"]), numbers("n", [NaN, 1, 0, -1])]);
  expect(plain(sortByTime(frame))[1]).toEqual(["s", "string", "A", "a", "b", null]);
  expect(plain(sortRows(frame, frame.fields[1]!))[0]).toEqual(["Time", "time", 1, 1, 2, 3]);
  expect(plain(sortRows(frame, frame.fields[2]!, true))[2]).toEqual(["n", "number", 1, 0, -1, NaN]);
});
