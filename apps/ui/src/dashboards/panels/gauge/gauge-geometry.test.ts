import { expect, test } from "vitest";
import { arcPath, filledPart, gaugeGeometry, pointAt, segmentsOf } from "./gauge-geometry.ts";

const look = { barWidth: 0.5, hasBand: true, labelWidth: 0, labelHeight: 0 };

test("gaugeGeometry() makes the arc and the band as large as the box allows", () => {
  for (const shape of ["gauge", "circle"] as const) {
    for (const [width, height] of [
      [200, 100],
      [100, 200],
      [150, 150],
    ] as const) {
      const geometry = gaugeGeometry(width, height, { ...look, shape });
      const outer = geometry.bandRadius + geometry.bandWidth / 2;
      expect(geometry.cx - outer).toBeGreaterThanOrEqual(-0.01);
      expect(geometry.cy - outer).toBeGreaterThanOrEqual(-0.01);
      expect(geometry.bottom).toBeLessThanOrEqual(height + 0.01);
      expect(Math.min(geometry.cx - outer, height - geometry.bottom)).toBeLessThan(0.01);
      expect(geometry.radius + geometry.barWidth / 2).toBeLessThan(geometry.bandRadius);
    }
  }
});

test("gaugeGeometry() returns finite numbers for an empty box", () => {
  const geometry = gaugeGeometry(0, 0, { ...look, shape: "gauge" });
  expect(Object.values(geometry).every((value) => typeof value === "object" || Number.isFinite(value))).toBe(true);
});

test("arcPath() draws clockwise from the top, divides a full circle into several arcs, and is empty for an arc without length", () => {
  const center = { cx: 50, cy: 50 };
  expect(arcPath(center, 40, { start: 0, sweep: 90 })).toBe("M50 10A40 40 0 0 1 90 50");
  expect(arcPath(center, 40, { start: 0, sweep: 360 }).match(/A/g)?.length).toBe(3);
  expect(arcPath(center, 40, { start: 0, sweep: 0 })).toBe("");
  expect(arcPath(center, 40, { start: 0, sweep: NaN })).toBe("");
  expect(pointAt(center, 40, 180).y).toBeCloseTo(90);
});

test("filledPart() extends from the neutral value, by default the minimum, to the value", () => {
  const range = { min: -100, max: 100 };
  expect(filledPart(50, undefined, range)).toEqual([0, 0.75]);
  expect(filledPart(-50, 0, range)).toEqual([0.25, 0.5]);
  expect(filledPart(50, 0, range)).toEqual([0.5, 0.75]);
  expect(filledPart(500, 0, range)).toEqual([0.5, 1]);
  expect(filledPart(NaN, 0, range)).toEqual([0, 0]);
});

test("segmentsOf() covers the whole span, and fills segments whose middle is reached", () => {
  const span = { start: 250, sweep: 220 };
  const segments = segmentsOf(span, 10, 0.3, [0, 0.5]);
  expect(segments.filter(({ isFilled }) => isFilled).length).toBe(5);
  const last = segments.at(-1)!.span;
  expect(last.start + last.sweep).toBeCloseTo(470);
  expect(segmentsOf(span, 10, 0.3, [0, 0]).some(({ isFilled }) => isFilled)).toBe(false);
});
