import fc from "fast-check";
import { expect, test } from "vitest";
import type { PanelAnnotation } from "../../contracts/panel-kind.ts";
import { positionMarks } from "./mark-positions.ts";

const axis = { min: 1000, max: 2000, width: 500 };

const mark = (time: number, timeEnd?: number, color = "red"): PanelAnnotation => ({
  time,
  ...(timeEnd === undefined ? {} : { timeEnd }),
  title: "",
  text: "",
  tags: [],
  color,
});

test("a mark at a point in time has a line and a sign", () => {
  const moment = mark(1500);
  expect(positionMarks([moment], axis)).toEqual({
    lines: [{ x: 250, color: "red" }],
    bands: [],
    groups: [{ left: 250, right: 250, color: "red", marks: [moment] }],
  });
});

test("marks close to each other share one sign, at the position of the first", () => {
  const marks = [mark(1500), mark(1510), mark(1530)];
  const { lines, groups } = positionMarks(marks, axis);
  expect(lines.map(({ x }) => x)).toEqual([250, 255, 265]);
  expect(groups.map(({ left, right, marks: { length } }) => [left, right, length])).toEqual([
    [250, 250, 2],
    [265, 265, 1],
  ]);
});

test("the visible part of a range is shaded, with lines at its visible edges", () => {
  const { lines, bands, groups } = positionMarks([mark(500, 1200), mark(1900, 2600)], axis);
  expect(bands).toMatchObject([
    { left: 0, right: 100, color: "red" },
    { left: 450, right: 500, color: "red" },
  ]);
  expect(lines.map(({ x }) => x)).toEqual([100, 450]);
  expect(groups.map(({ left, right }) => [left, right])).toEqual([
    [0, 100],
    [450, 500],
  ]);
});

test("overlapping ranges of one colour are shaded once, each colour separately", () => {
  const marks = [mark(1000, 1400), mark(1100, 1200), mark(1200, 1300, "blue"), mark(1300, 1600), mark(1800, 1900)];
  const [a, b, c, d, e] = marks;
  expect(positionMarks(marks, axis).bands).toEqual([
    { left: 0, right: 300, color: "red", marks: [a, b, d] },
    { left: 100, right: 150, color: "blue", marks: [c] },
    { left: 400, right: 450, color: "red", marks: [e] },
  ]);
});

test("marks outside the axis, or on an axis without length, have no position", () => {
  const nothing = { lines: [], bands: [], groups: [] };
  expect(positionMarks([mark(900), mark(999, 999.5), mark(2001), mark(NaN)], axis)).toEqual(nothing);
  expect(positionMarks([mark(1500)], { ...axis, width: 0 })).toEqual(nothing);
  expect(positionMarks([mark(1500)], { ...axis, max: 1000 })).toEqual(nothing);
});

test("each visible mark belongs to one sign, and the pixels limit the number of lines and signs", () => {
  const some = fc.array(
    fc.record({
      time: fc.integer({ min: 0, max: 3000 }),
      lasted: fc.option(fc.integer({ min: 1, max: 1500 })),
      color: fc.constantFrom("red", "blue"),
    }),
    { maxLength: 400 },
  );
  fc.assert(
    fc.property(some, (given) => {
      const marks = given
        .map(({ time, lasted, color }) => mark(time, lasted === null ? undefined : time + lasted, color))
        .toSorted((a, b) => a.time - b.time);
      const { lines, bands, groups } = positionMarks(marks, axis);
      const inSight = marks.filter(({ time, timeEnd = time }) => timeEnd >= axis.min && time <= axis.max);
      expect(groups.flatMap((group) => group.marks)).toEqual(inSight);
      expect(groups.length).toBeLessThanOrEqual(axis.width / 12 + 1);
      expect(lines.length).toBeLessThanOrEqual(2 * (axis.width + 1));
      expect(new Set(lines.map(({ x, color }) => `${x} ${color}`)).size).toBe(lines.length);
      for (const { left, right } of [...bands, ...groups]) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(axis.width);
        expect(right).toBeGreaterThanOrEqual(left);
      }
    }),
  );
});
