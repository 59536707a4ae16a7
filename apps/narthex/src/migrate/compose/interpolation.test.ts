import fc from "fast-check";
import { expect, test } from "vitest";
import { interpolate, InterpolationError } from "./interpolation.ts";

const ENV = { A: "a", EMPTY: "", B: "b" };

test.each([
  ["$A-${A}", "a-a"],
  ["$$A $${A}", "$A ${A}"],
  ["${NONE}|$NONE|", "||"],
  ["${NONE-x}${EMPTY-x}${EMPTY:-y}", "xy"],
  ["${A+x}${EMPTY+y}${EMPTY:+z}${NONE+w}", "xy"],
  ["${NONE:-${A}:${NONE2-${B}}}", "a:b"],
  ["${NONE:-{}}", "{}"],
  ["${A?wanted}", "a"],
  ["prom/prometheus:${TAG:-v2.53.0}", "prom/prometheus:v2.53.0"],
])("interpolate(%j)", (text, filled) => {
  expect(interpolate(text, ENV)).toBe(filled);
});

test.each([
  ["${NONE?is wanted}", /NONE must be set: is wanted/],
  ["${EMPTY:?}", /EMPTY must be set/],
  ["${A", /not closed/],
  ["a $ b", /write \$\$/],
  ["${A.b}", /no variable/],
])("interpolate(%j) is refused", (text, message) => {
  expect(() => interpolate(text, ENV)).toThrow(InterpolationError);
  expect(() => interpolate(text, ENV)).toThrow(message);
});

test("interpolate() returns the original text if its dollar signs were doubled", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(interpolate(text.replaceAll("$", "$$$$"), ENV)).toBe(text);
    }),
  );
});
