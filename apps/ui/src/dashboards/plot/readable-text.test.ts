import { colorModes, contrastRatio, cssColor, paletteHues, parseColor } from "@narthex/dashboards";
import fc from "fast-check";
import { expect, test } from "vitest";
import { plotTheme, withOpacity } from "../../plot/plot-theme.ts";
import { legibleOn, readableOn } from "./readable-text.ts";

test("readableOn() selects the text colour with the better contrast, also on a transparent colour", () => {
  expect(readableOn("#000000", "#ffffff")).toBe("#ffffff");
  expect(readableOn("#FADE2A", "#000000")).toBe("#101612");
  expect(readableOn("rgba(0, 0, 0, 0.1)", "#ffffff")).toBe("#101612");
  expect(readableOn("rgba(255, 255, 255, 0.1)", "#1b211d")).toBe("#ffffff");
  expect(readableOn(withOpacity("#ffff00", 1), "#1b211d")).toBe("#101612");
  expect(readableOn(withOpacity("#ffff00", 0), "#1b211d")).toBe("#ffffff");
  expect(readableOn("no colour", "#ffffff")).toBe("#101612");
});

const contrast = (one: string, other: string): number => contrastRatio(parseColor(one)!, parseColor(other)!);
const anyColor = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255))
  .map((parts) => `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`);

test("the result of readableOn() is legible on any colour", () =>
  fc.assert(
    fc.property(anyColor, (color) => {
      expect(contrast(readableOn(color, "#ffffff"), color)).toBeGreaterThan(4.5);
    }),
  ));

test.each(["light", "dark"] as const)(
  "any text colour becomes legible on a %s panel, and does not change if it is legible",
  (scheme) => {
    const { surface } = plotTheme(scheme);
    fc.assert(
      fc.property(anyColor, fc.constantFrom([13, 4.5], [24, 3]), (color, [size, least]) => {
        const legible = legibleOn(color, surface, size);
        expect(contrast(legible, surface)).toBeGreaterThanOrEqual(least);
        if (contrast(color, surface) >= least) expect(legible).toBe(color);
      }),
    );
  },
);

test.each(["light", "dark"] as const)(
  "texts inside coloured areas and texts in colours of dashboards are legible, %s",
  (scheme) => {
    const { surface } = plotTheme(scheme);
    const colors = [
      ...paletteHues.flatMap(({ shades }) => shades.map((shade) => cssColor(shade, scheme))),
      ...colorModes.flatMap((mode) => mode.colors(scheme)),
    ];
    expect(colors.length).toBeGreaterThan(200);
    for (const color of colors) {
      expect(contrast(readableOn(color, surface), color), color).toBeGreaterThanOrEqual(4.5);
      expect(contrast(legibleOn(color, surface, 13), surface), color).toBeGreaterThanOrEqual(4.5);
      expect(contrast(legibleOn(color, surface, 40), surface), color).toBeGreaterThanOrEqual(3);
    }
  },
);
