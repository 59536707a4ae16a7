import { expect, test } from "vitest";
import type { TextMeasure } from "../../plot/fitting-text.ts";
import { layoutStat } from "./stat-layout.ts";

const measure: TextMeasure = (text, size) => text.length * size * 0.5;
const usual = { isWide: true, titleSize: undefined, valueSize: undefined };
const contents = { title: "", value: { prefix: "", text: "123", suffix: "" }, hasChange: false, hasChart: false };
const layout = (width: number, height: number, more = {}, settings = {}) =>
  layoutStat({ width, height }, { ...contents, ...more }, { ...usual, ...settings }, measure);

test("layoutStat() makes the value fill its box", () => {
  expect(layout(300, 200)).toMatchObject({ padding: 12, titleSize: 0, chartHeight: 0, valueSize: 146.5 });
  expect(layout(100, 36).valueSize).toBeGreaterThan(20);
});

test("layoutStat() places name and value side by side in flat boxes, unless the options forbid it", () => {
  expect(layout(400, 80, { title: "name" }).isWide).toBe(true);
  expect(layout(400, 80, { title: "name" }, { isWide: false }).isWide).toBe(false);
  expect(layout(200, 200, { title: "name" }).isWide).toBe(false);
});

test("layoutStat() adds a chart if there is room, which fills the space below the texts", () => {
  expect(layout(300, 90, { hasChart: true }).chartHeight).toBeGreaterThan(0);
  expect(layout(100, 90, { hasChart: true }).chartHeight).toBe(0);
  const tall = layout(100, 400, { hasChart: true });
  expect(tall.chartHeight).toBeGreaterThan(300);
});

test("layoutStat() keeps all parts inside the box", () => {
  for (const [width, height] of [
    [300, 200],
    [120, 120],
    [500, 110],
    [90, 300],
    [40, 20],
  ] as const) {
    const parts = { title: "a name", hasChange: true, hasChart: true };
    const { valueSize, titleSize, changeSize, padding, isWide } = layout(width, height, parts);
    const text = (isWide ? Math.max(titleSize, valueSize + changeSize) : titleSize + valueSize + changeSize) * 1.2;
    if (height > 60) expect(text + 2 * padding).toBeLessThanOrEqual(height + 2);
    expect(Number.isFinite(valueSize)).toBe(true);
  }
});

test("layoutStat() uses the sizes from the options", () => {
  expect(layout(300, 200, { title: "x" }, { titleSize: 11, valueSize: 22 })).toMatchObject({
    titleSize: 11,
    valueSize: 22,
  });
});
