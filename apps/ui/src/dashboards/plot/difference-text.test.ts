import { expect, test } from "vitest";
import { differenceText } from "./difference-text.ts";

test.each([
  [3.2, 3.433, { unit: "percent", decimals: 3 }, "-0.233 points, -6.79%"],
  [0.5, 0.25, { unit: "percentunit" }, "+25 points, +100%"],
  [20, 15, { unit: "reqps" }, "+5 req/s, +33.3%"],
  [4, 4, { unit: "percent" }, "±0 points, 0%"],
])("differenceText(%d, %d, %j) is %s", (now, before, config, text) => {
  expect(differenceText(now, before, config)).toBe(text);
});
