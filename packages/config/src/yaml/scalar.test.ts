import { expect, test } from "vitest";
import { boolOf, exactNumberOf, numberOf, tagOfPlain } from "./scalar.ts";

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

test("boolOf() distinguishes yes and no", () => {
  expect(["on", "Yes", "true", "off", "n"].map(boolOf)).toEqual([true, true, true, false, false]);
});

test("exactNumberOf() keeps the digits of 64 bits, and reads longer numbers as floats", () => {
  expect(
    ["9007199254740993", "-9223372036854775808", "18446744073709551615", "0xffffffffffffffff"].map(exactNumberOf),
  ).toEqual([9007199254740993n, -9223372036854775808n, 18446744073709551615n, 18446744073709551615n]);
  expect(["17", "0777777777777777777777", "18446744073709551616", "1e30", "-.inf"].map(exactNumberOf)).toEqual([
    17,
    9223372036854775807n,
    18446744073709551616,
    1e30,
    -Infinity,
  ]);
});
