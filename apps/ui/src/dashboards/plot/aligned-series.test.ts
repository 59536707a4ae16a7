import fc from "fast-check";
import { expect, test } from "vitest";
import type { Frame } from "@narthex/dashboards";
import { ABSENT_GAP, alignSeries, NULL_GAP } from "./aligned-series.ts";

function series(points: readonly (readonly [number, number | null])[]): Frame {
  const nulls = Uint8Array.from(points, ([, value]) => (value === null ? 1 : 0));
  return {
    length: points.length,
    fields: [
      { name: "Time", type: "time", config: {}, values: Float64Array.from(points, ([time]) => time) },
      {
        name: "Value",
        type: "number",
        config: {},
        values: Float64Array.from(points, ([, value]) => value ?? 0),
        ...(nulls.includes(1) ? { nulls } : {}),
      },
    ],
  };
}

test("series with the same times are not copied", () => {
  const [a, b] = [
    series([
      [1, 5],
      [2, 6],
    ]),
    series([
      [1, null],
      [2, 8],
    ]),
  ];
  const { times, series: aligned } = alignSeries([a, b]);
  expect(times).toBe(a.fields[0]!.values);
  expect(aligned.map(({ values }) => values)).toEqual([a.fields[1]!.values, b.fields[1]!.values]);
  expect(aligned.map(({ gaps }) => gaps && [...gaps])).toEqual([undefined, [NULL_GAP, 0]]);
});

test("times that a series does not have are gaps of a different kind than its nulls", () => {
  const { times, series: aligned } = alignSeries([
    series([
      [1, 5],
      [3, null],
    ]),
    series([[2, 7]]),
  ]);
  expect([...times]).toEqual([1, 2, 3]);
  expect(aligned.map(({ gaps }) => [...gaps!])).toEqual([
    [0, ABSENT_GAP, NULL_GAP],
    [ABSENT_GAP, 0, ABSENT_GAP],
  ]);
});

test("for any times, each series has its own value at each of its times and none elsewhere", () => {
  const points = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.option(fc.double({ noNaN: true }))), {
    selector: ([time]) => time,
  });
  fc.assert(
    fc.property(fc.array(points, { maxLength: 4 }), (given) => {
      const { times, series: aligned } = alignSeries(given.map(series));
      expect([...times]).toEqual([...new Set(given.flat().map(([time]) => time))].sort((a, b) => a - b));
      aligned.forEach(({ values, gaps }, index) => {
        const expected = new Map(given[index]);
        times.forEach((time, at) => {
          const gap = gaps?.[at] ?? 0;
          if (expected.has(time)) expect(gap === NULL_GAP ? null : values[at]).toBe(expected.get(time));
          else expect(gap).toBe(ABSENT_GAP);
        });
      });
    }),
  );
});

test("the axis gets a time for each missing step of a series", () => {
  const stepOf = () => 1;
  const whole = series([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ]);
  const { times, series: aligned } = alignSeries(
    [
      series([
        [1, 5],
        [4, 6],
      ]),
      whole,
    ],
    stepOf,
  );
  expect([...times]).toEqual([1, 2, 3, 4]);
  expect(aligned.map(({ gaps }) => gaps && [...gaps])).toEqual([[0, NULL_GAP, NULL_GAP, 0], undefined]);
  const alone = alignSeries(
    [
      series([
        [1, 5],
        [4, 6],
        [5, 7],
      ]),
    ],
    stepOf,
  );
  expect([...alone.times]).toEqual([1, 2, 4, 5]);
  expect([...alone.series[0]!.gaps!]).toEqual([0, NULL_GAP, 0, 0]);
  expect(alignSeries([whole], stepOf).times).toBe(whole.fields[0]!.values);
});

test("rows with equal times stay if all series share their times, and are sorted by time", () => {
  const rows = series([
    [2, 5],
    [1, 6],
    [2, 7],
    [1, null],
    [9, 8],
  ]);
  const { times, series: aligned } = alignSeries([rows, rows]);
  expect([...times]).toEqual([1, 1, 2, 2, 9]);
  for (const { values, gaps } of aligned) {
    expect([...values]).toEqual([6, 0, 5, 7, 8]);
    expect([...gaps!]).toEqual([0, NULL_GAP, 0, 0, 0]);
  }
  const twice = series([
    [1, 5],
    [1, 6],
  ]);
  expect(alignSeries([twice]).times).toBe(twice.fields[0]!.values);
  const gapped = alignSeries([rows], () => 3);
  expect([...gapped.times]).toEqual([1, 1, 2, 2, 5, 9]);
  expect([...gapped.series[0]!.gaps!]).toEqual([0, NULL_GAP, 0, 0, NULL_GAP, 0]);
  // If the series have different times, the last value of a repeated time is used.
  const [joinedRows] = alignSeries([twice, series([[2, 1]])]).series;
  expect([...joinedRows!.values]).toEqual([6, 0]);
});

test("a column in descending order is sorted only once", () => {
  const count = 300_000;
  const points = Array.from({ length: count }, (_, index): [number, number] => [count - index, index]);
  const { times, series: aligned } = alignSeries([series(points), series([[1, 1]])]);
  expect([times[0], times.length, aligned[0]!.values[0], aligned[0]!.values.at(-1)]).toEqual([1, count, count - 1, 0]);
});
