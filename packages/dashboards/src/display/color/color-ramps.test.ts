import { expect, test } from "vitest";
import { colorsOf } from "./color-ramps.ts";

test.each([
  ["viridis", "440154", "21908d", "fde725"],
  ["magma", "000004", "b73779", "fcfdbf"],
  ["inferno", "000004", "bc3754", "fcffa4"],
  ["plasma", "0d0887", "cb4679", "f0f921"],
] as const)("the map %s has the published colours at its ends and in the middle", (name, first, middle, last) => {
  const colors = colorsOf(name);
  expect(colors).toHaveLength(256);
  expect([colors[0], colors.at(-1)]).toEqual([first, last]);
  expect(colors).toContain(middle);
  for (const color of colors) expect(color).toMatch(/^[0-9a-f]{6}$/);
});
