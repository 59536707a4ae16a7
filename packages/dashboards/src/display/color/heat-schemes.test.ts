import { expect, test } from "vitest";
import { heatPalette, heatSchemes, type HeatColors } from "./heat-schemes.ts";

const oranges: HeatColors = {
  mode: "scheme",
  scheme: "Oranges",
  fill: { r: 255, g: 0, b: 0, a: 1 },
  scale: "exponential",
  exponent: 0.5,
  steps: 5,
  isReversed: false,
};

test("heatPalette() starts near the panel's background colour", () => {
  expect(heatPalette(oranges, "light")).toEqual(["#fff5eb", "#fdcea0", "#fb8d3d", "#d54b04", "#7f2704"]);
  expect(heatPalette(oranges, "dark")).toEqual(heatPalette(oranges, "light").toReversed());
  expect(heatPalette({ ...oranges, isReversed: true }, "light")).toEqual(heatPalette(oranges, "dark"));
});

test("heatPalette() raises the opacity with a power of the value's share", () => {
  const faint = heatPalette({ ...oranges, mode: "opacity" }, "dark");
  expect(faint).toEqual(["#ff000000", "#ff000080", "#ff0000b4", "#ff0000dd", "#ff0000"]);
  expect(heatPalette({ ...oranges, mode: "opacity", scale: "linear", steps: 3 }, "dark")[1]).toBe("#ff000080");
});

test("heatPalette() uses Spectral for an unknown scheme", () => {
  expect(heatPalette({ ...oranges, scheme: "__proto__" }, "dark")).toEqual(
    heatPalette({ ...oranges, scheme: "Spectral" }, "dark"),
  );
});

// Expected colours at the ends and in the middle, from the colour library that Grafana uses.
test.each([
  ["Turbo", "#23171b", "#95fb51", "#900c00"],
  ["Viridis", "#440154", "#21918c", "#fde725"],
  ["Cubehelix", "#000000", "#a07949", "#ffffff"],
  ["Warm", "#6e40aa", "#ff5e63", "#aff05b"],
  ["Cool", "#6e40aa", "#1ac7c2", "#aff05b"],
  ["Rainbow", "#6e40aa", "#aff05b", "#6e40aa"],
  ["Sinebow", "#ff4040", "#00bfbf", "#ff4040"],
])("the scheme %s has Grafana's colours at its start, middle and end", (id, ...expected) => {
  const { scale } = heatSchemes.find((scheme) => scheme.id === id)!;
  expect([0, 0.5, 1].map(scale)).toEqual(expected);
});
