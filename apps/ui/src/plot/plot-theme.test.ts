import { contrastRatio, parseColor } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { plotTheme, withOpacity } from "./plot-theme.ts";

test.each(["light", "dark"] as const)("texts of plots are legible on a %s panel", (scheme) => {
  const { text, surface } = plotTheme(scheme);
  expect(contrastRatio(parseColor(text)!, parseColor(surface)!)).toBeGreaterThanOrEqual(4.5);
});

test("withOpacity() keeps the colour", () => {
  expect(withOpacity("#10203040", 0.5)).toBe("#10203080");
  expect(withOpacity("rgb(1 2 3)", 0.5)).toBe("rgba(1, 2, 3, 0.5)");
  expect(withOpacity("hsl(1, 2%, 3%)", 0.5)).toBe("color-mix(in srgb, hsl(1, 2%, 3%) 50%, transparent)");
});
