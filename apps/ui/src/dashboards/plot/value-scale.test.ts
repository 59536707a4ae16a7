import { expect, test } from "vitest";
import { type ScaleSettings, scaleRange } from "./value-scale.ts";

const plain: ScaleSettings = {
  unit: "",
  placement: "auto",
  label: "",
  min: undefined,
  max: undefined,
  softMin: undefined,
  softMax: undefined,
  decimals: undefined,
  isCentered: false,
  distribution: "linear",
  logBase: 10,
  linearThreshold: 1,
  isGridShown: undefined,
  isBorderShown: false,
  width: undefined,
  isPercent: false,
  color: undefined,
};

test("an axis contains its values and is not empty, even for one value or none", () => {
  for (const [low, high] of [
    [3, 3],
    [0, 0],
    [-5, 5],
    [1e-9, 2e-9],
    [null, null],
  ]) {
    const [from, to] = scaleRange(plain, low, high);
    expect(from).toBeLessThan(to);
    if (low !== null) expect([from <= low!, to >= high!]).toEqual([true, true]);
  }
});

test("an axis ends exactly at a set minimum or maximum, and soft limits are extended to values beyond them", () => {
  expect(scaleRange({ ...plain, min: 0, max: 1 }, 0.2, 5)).toEqual([0, 1]);
  expect(scaleRange({ ...plain, softMin: 0, softMax: 100 }, 20, 30)).toEqual([0, 100]);
  expect(scaleRange({ ...plain, softMin: 0, softMax: 100 }, 20, 300)[1]).toBeGreaterThan(300);
  const [from, to] = scaleRange({ ...plain, min: 7 }, 1, 3);
  expect([from, to > 7]).toEqual([7, true]);
});

test("a percentage axis shows the whole range, a centred axis is symmetric, and a logarithmic axis excludes zero", () => {
  expect(scaleRange({ ...plain, isPercent: true }, 0.2, 0.8)).toEqual([0, 1]);
  const [bottom, top] = scaleRange({ ...plain, isCentered: true }, -1, 8);
  expect(-bottom).toBe(top);
  expect(scaleRange({ ...plain, distribution: "log" }, 0, 900)[0]).toBeGreaterThan(0);
});
