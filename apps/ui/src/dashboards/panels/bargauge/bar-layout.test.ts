import { expect, test } from "vitest";
import type { TextMeasure } from "../../plot/fitting-text.ts";
import { cellCount, layoutBar } from "./bar-layout.ts";

const measure: TextMeasure = (text, size) => text.length * size * 0.5;
const usual = { isVertical: false, namePlacement: "auto", titleSize: undefined, valueSize: undefined } as const;
const texts = { title: "eth0", value: { prefix: "", text: "12.5", suffix: "%" } };
const layout = (width: number, height: number, settings = {}, own = texts) =>
  layoutBar({ width, height }, own, { ...usual, ...settings }, measure);

test("layoutBar() places names above high bars, to the left of low ones, and below vertical ones", () => {
  expect(layout(400, 80).titlePlacement).toBe("above");
  expect(layout(400, 30).titlePlacement).toBe("left");
  expect(layout(60, 300, { isVertical: true }).titlePlacement).toBe("below");
  expect(layout(400, 80, { namePlacement: "left" }).titlePlacement).toBe("left");
  expect(layout(400, 30, { namePlacement: "top" }).titlePlacement).toBe("above");
  expect(layout(400, 30, { namePlacement: "hidden" }).titlePlacement).toBe("none");
  expect(layout(400, 30, {}, { ...texts, title: "" }).titlePlacement).toBe("none");
});

test("layoutBar() divides exactly the available space between name, bar and value", () => {
  const low = layout(400, 30);
  expect(low.titleWidth + low.barWidth + low.valueWidth).toBeCloseTo(400);
  const high = layout(400, 80);
  expect(high.barHeight + high.titleHeight).toBeCloseTo(80);
  const standing = layout(60, 300, { isVertical: true });
  expect(standing.barHeight + standing.titleHeight + standing.valueHeight).toBeCloseTo(300);
});

test("without a value text, the bar of layoutBar() gets the space of the text, and any box has a bar of at least some size", () => {
  const none = { title: "", value: { prefix: "", text: "", suffix: "" } };
  expect(layout(400, 30, {}, none)).toMatchObject({ barWidth: 400, valueWidth: 0, valueSize: 0 });
  const tiny = layout(8, 4, {}, { ...texts, title: "x".repeat(1000) });
  expect(tiny.barWidth).toBeGreaterThan(0);
  expect(tiny.barHeight).toBeGreaterThan(0);
});

test("cellCount() is limited", () => {
  expect([0, 120, 1e9].map(cellCount)).toEqual([1, 10, 500]);
});
