import fc from "fast-check";
import { expect, test } from "vitest";
import { colorByName, colorModes, findColorMode, shadeOf } from "./color-mode.ts";
import { contrastRatio, hexOf, parseColor } from "./css-color.ts";
import { cssColor, paletteHues } from "./named-colors.ts";

test("colorModes have unique ids and valid CSS colours", () => {
  expect(new Set(colorModes.map(({ id }) => id)).size).toBe(colorModes.length);
  for (const mode of colorModes)
    for (const theme of ["dark", "light"] as const)
      for (const color of mode.colors(theme)) expect(parseColor(color)).toBeDefined();
});

test("findColorMode() returns thresholds for an unknown mode", () => {
  for (const id of [undefined, "", "nope", "__proto__"]) expect(findColorMode(id).id).toBe("thresholds");
});

test("colours by name have enough contrast with the panel", () => {
  for (const theme of ["dark", "light"] as const) {
    const ground = parseColor(cssColor("panel-bg", theme))!;
    for (const color of findColorMode("palette-classic-by-name").colors(theme))
      expect(contrastRatio(parseColor(color)!, ground)).toBeGreaterThanOrEqual(3);
  }
});

test("cssColor() returns only valid colours", () => {
  const refused = [
    "url(http://x)",
    "var(--x)",
    "expression(1)",
    "red;x:y",
    "#12",
    "rgb(1,2)",
    "rgb(a,b,c)",
    "#".repeat(99),
  ];
  expect(refused.map((text) => cssColor(text, "dark"))).toEqual(refused.map(() => "#808080"));
  expect(["#FFF", "rgb(1 2 3 / 50%)", "hsl(120, 100%, 50%)"].map((text) => cssColor(text, "dark"))).toEqual([
    "#FFF",
    "rgb(1 2 3 / 50%)",
    "hsl(120, 100%, 50%)",
  ]);
  expect(hexOf(parseColor("hsl(120, 100%, 50%)")!)).toBe("#00ff00");
});

test("paletteHues contains five named shades of each hue", () => {
  expect(paletteHues.map(({ name, shades }) => [name, shades.length])).toEqual(
    ["red", "orange", "yellow", "green", "blue", "purple"].map((name) => [name, 5]),
  );
  expect(paletteHues[0]!.shades.every((shade) => cssColor(shade, "light") !== "#808080")).toBe(true);
});

test("colorByName() and shadeOf() return a colour for any name and index", () =>
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.string(), (name, place, color) => {
      expect(["a", "b", "c"]).toContain(colorByName(["a", "b", "c"], name));
      expect(parseColor(shadeOf(color, place, "dark"))).toBeDefined();
    }),
  ));
