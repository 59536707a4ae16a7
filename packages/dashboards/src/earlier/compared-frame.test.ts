import fc from "fast-check";
import { expect, test } from "vitest";
import { type Frame, valueAt } from "../frame/frame.ts";
import { comparedFrame } from "./compared-frame.ts";
import { withPresent } from "./earlier-frames.ts";

const DAY = 86_400_000;
const period = { shiftMs: DAY, words: "1 day earlier" };

/** Returns a frame with the result of an instant query as a table. */
const table = (at: number, rows: readonly (readonly [job: string, value: number | null])[]): Frame => ({
  refId: "A",
  length: rows.length,
  fields: [
    { name: "Time", type: "time", config: {}, values: new Float64Array(rows.length).fill(at) },
    { name: "job", type: "string", config: {}, values: rows.map(([job]) => job) },
    {
      name: "Value",
      type: "number",
      config: { unit: "s" },
      values: Float64Array.from(rows, ([, value]) => value ?? 0),
      nulls: Uint8Array.from(rows, ([, value]) => Number(value === null)),
    },
  ],
});

const compared = (present: Frame, earlier: Frame): Frame =>
  comparedFrame(present, withPresent([present], [earlier], period));
const cells = (frame: Frame, at: number): unknown[] =>
  Array.from({ length: frame.length }, (_, row) => valueAt(frame.fields[at]!, row));

test("rows of two periods are paired by their texts, whatever their order and time; new rows have no earlier value", () => {
  const present = table(2 * DAY + 7, [
    ["api", 15],
    ["db", 2],
    ["new", 1],
    ["none", null],
  ]);
  const frame = compared(
    present,
    table(DAY, [
      ["none", 4],
      ["db", 0],
      ["api", 10],
      ["gone", 9],
    ]),
  );
  expect(frame.fields.map(({ name }) => name)).toEqual([
    "Time",
    "job",
    "Value",
    "Value (1 day earlier)",
    "Value (change)",
  ]);
  expect(frame.fields[2]).toBe(present.fields[2]);
  expect([cells(frame, 3), cells(frame, 4)]).toEqual([
    [10, 0, null, 4],
    [0.5, null, null, null],
  ]);
  expect(frame.fields.slice(3).map(({ config }) => config.unit)).toEqual(["s", "percentunit"]);
});

test("rows of series are also paired by time, and a table without an earlier counterpart stays unchanged", () => {
  const series = (start: number, values: readonly number[]): Frame => ({
    refId: "A",
    length: values.length,
    fields: [
      { name: "Time", type: "time", config: {}, values: Float64Array.from(values, (_, at) => start + at * 1000) },
      { name: "Value", type: "number", config: {}, values: Float64Array.from(values) },
    ],
  });
  expect(cells(compared(series(DAY, [1, 2, 3]), series(1000, [5, 6])), 2)).toEqual([null, 5, 6]);
  const present = series(DAY, [1]);
  expect(compared(present, { ...series(0, [1]), refId: "B" })).toBe(present);
});

test("a table compared with itself has no change, whatever the order of its rows", () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.string(), fc.integer({ min: 1, max: 99 })), { selector: ([job]) => job }),
      fc.infiniteStream(fc.nat()),
      (rows, orders) => {
        const shuffled = rows
          .map((row) => ({ row, order: orders.next().value as number }))
          .toSorted((a, b) => a.order - b.order)
          .map(({ row }) => row);
        const frame = compared(table(DAY, rows), table(0, shuffled));
        expect(cells(frame, 3)).toEqual(cells(frame, 2));
        expect(cells(frame, 4)).toEqual(rows.map(() => 0));
      },
    ),
  ));
