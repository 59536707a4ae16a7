import { expect, test } from "vitest";
import { boolOf, numberOf, tagOfPlain } from "./scalar.ts";

test.each([
  ["", "!!null"],
  ["~", "!!null"],
  ["Null", "!!null"],
  ["on", "!!bool"],
  ["NO", "!!bool"],
  ["y", "!!bool"],
  ["oN", "!!str"],
  ["0x1F", "!!int"],
  ["1_000", "!!int"],
  ["-7", "!!int"],
  ["09", "!!float"],
  ["1.5e3", "!!float"],
  [".5", "!!float"],
  ["-.inf", "!!float"],
  [".NaN", "!!float"],
  ["5s", "!!str"],
  ["2024-01-01", "!!timestamp"],
  ["1.2.3", "!!str"],
  ["-", "!!str"],
])("tagOfPlain(%j) is %s", (text, tag) => {
  expect(tagOfPlain(text)).toBe(tag);
});

test("numberOf() reads the bases of YAML 1.1", () => {
  expect(["0x1F", "0b101", "017", "-1_000", "+2.5", "-.inf", ".nan"].map(numberOf)).toEqual([
    31,
    5,
    15,
    -1000,
    2.5,
    -Infinity,
    NaN,
  ]);
});

test("boolOf() tells yes from no", () => {
  expect(["on", "Yes", "true", "off", "n"].map(boolOf)).toEqual([true, true, true, false, false]);
});
