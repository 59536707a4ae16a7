import fc from "fast-check";
import { expect, test } from "vitest";
import { shortened } from "../../plot/plot-theme.ts";
import { fittingSize, SMALLEST_TEXT, type TextMeasure } from "./fitting-text.ts";

/** Measures texts in a font whose characters are half as wide as high. */
const measure: TextMeasure = (text, size) => text.length * size * 0.5;

test("fittingSize() returns the largest size at which a text fits", () => {
  expect(fittingSize("1234", { width: 100, height: 1000 }, measure)).toBe(50);
  expect(fittingSize("1", { width: 1000, height: 60, lineHeight: 1.2 }, measure)).toBe(50);
  expect(fittingSize("1", { width: 1000, height: 60, max: 20 }, measure)).toBe(20);
});

test("fittingSize() returns a legible size even if the text does not fit, but never a size above the height of the space", () => {
  expect(fittingSize("a".repeat(1000), { width: 10, height: 100 }, measure)).toBe(SMALLEST_TEXT);
  expect(fittingSize("a", { width: 10, height: 6, lineHeight: 1.2 }, measure)).toBe(5);
  expect(fittingSize("a", { width: -5, height: -5 }, measure)).toBe(0);
});

test("a text fits at the size from fittingSize(), and does not fit if the size is half a pixel larger", () =>
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 2000 }),
      fc.integer({ min: 0, max: 1000 }),
      (text, width, height) => {
        const size = fittingSize(text, { width, height }, measure);
        const fits = (at: number): boolean => measure(text, at, 400) <= width && at * 1.2 <= height;
        expect(fits(size) || size <= SMALLEST_TEXT).toBe(true);
        expect(fits(size + 0.5)).toBe(false);
      },
    ),
  ));

test("fittingSize() measures few sizes, and finds the largest one even if widths are rounded", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 1000 }),
      fc.integer({ min: 1, max: 20 }),
      (letters, width, step) => {
        const sizes = new Set<number>();
        const rounded: TextMeasure = (text, size) => {
          sizes.add(size);
          return Math.ceil((text.length * size * 0.5) / step) * step;
        };
        const size = fittingSize("x".repeat(letters), { width, height: 600 }, rounded);
        if (step === 1) expect(sizes.size).toBeLessThanOrEqual(4);
        const fits = (at: number): boolean => rounded("x".repeat(letters), at, 400) <= width && at * 1.2 <= 600;
        expect(fits(size) || size <= SMALLEST_TEXT).toBe(true);
        expect(fits(size + 0.5)).toBe(false);
      },
    ),
  ));

test("shortened() cuts a text to the available width", () => {
  expect(shortened("abcdefghij", 40).endsWith("…")).toBe(true);
  expect(shortened("ab", 400)).toBe("ab");
});
