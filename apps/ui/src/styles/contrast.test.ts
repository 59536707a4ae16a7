import { expect, test } from "vitest";
import { lineColor } from "@narthex/dashboards/palette";
import { themeColors } from "./theme-colors.ts";

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: string, right: string): number {
  const [dark = 0, light = 0] = [luminance(left), luminance(right)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test.each(["light", "dark"] as const)("lines have a contrast of 3:1 on the %s surface", (scheme) => {
  for (let index = 0; index < 16; index++) {
    expect(
      contrast(lineColor(index, scheme), themeColors[scheme]["--surface"]),
      `line ${index}`,
    ).toBeGreaterThanOrEqual(3);
  }
});

test.each(["light", "dark"] as const)(
  "text of the %s theme has a contrast of 4.5:1 on each of its surfaces",
  (scheme) => {
    const texts = [
      "--quiet",
      "--link",
      "--tag-name",
      "--promql-keyword",
      "--promql-function",
      "--promql-string",
      "--promql-number",
    ] as const;
    for (const text of texts) {
      for (const surface of ["--surface", "--ground", "--tag"] as const) {
        const ratio = contrast(themeColors[scheme][text], themeColors[scheme][surface]);
        expect(ratio, `${text} on ${surface}`).toBeGreaterThanOrEqual(4.5);
      }
    }
  },
);
