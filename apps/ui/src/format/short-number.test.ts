import { expect, test } from "vitest";
import { shortNumber, shortNumberText } from "./short-number.ts";

test.each([
  [0, "0"],
  [12, "12"],
  [-1_234_567, "-1,234,567"],
  [0.123456789012345, "0.123457"],
  [16.123456789, "16.1235"],
  [1234.56789, "1,234.57"],
  [12_345_678.9, "12,345,679"],
  [0.00012345678, "0.000123457"],
  [1.23456789e-9, "1.23457e-9"],
  [1.23456789e20, "123457000000000000000"],
  [Number.POSITIVE_INFINITY, "Infinity"],
])("%d is shown as %s", (value, text) => {
  expect(shortNumber(value)).toBe(text);
});

test.each([
  ["9.1234567890123e-01", "0.912346"],
  ["1e+00", "1"],
  ["NaN", "NaN"],
  ["+Inf", "+Inf"],
  ["", ""],
])("the text %j is shown as %j", (text, short) => expect(shortNumberText(text)).toBe(short));
