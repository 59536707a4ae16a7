import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatExponent,
  formatFloat,
  formatOpenMetricsFloat,
  formatPlain,
  formatSampleValue,
  isDecimal,
  parseGoFloat,
} from "./number-format.ts";

const formats = { formatExponent, formatFloat, formatOpenMetricsFloat, formatPlain, formatSampleValue };

test.each(Object.entries(formats))("%s() prints every double as a text that is read as the same number", (_, format) =>
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(parseGoFloat(format(value))).toBe(value);
    }),
  ),
);

// Results of Go 1.27 for comparison: strconv.FormatFloat with 'f', 'g' and 'e', precision -1.
test.each([
  [123456, "123456", "123456", "1.23456e+05"],
  [1234567, "1234567", "1.234567e+06", "1.234567e+06"],
  [1e21, "1000000000000000000000", "1e+21", "1e+21"],
  [0.0001, "0.0001", "0.0001", "1e-04"],
  [0.00001, "0.00001", "1e-05", "1e-05"],
  [-0, "-0", "-0", "-0e+00"],
  [Infinity, "+Inf", "+Inf", "+Inf"],
  [NaN, "NaN", "NaN", "NaN"],
])("%s prints as %s plain, %s short, %s with exponent", (value, plain, short, exponent) => {
  expect([formatPlain(value), formatFloat(value), formatExponent(value)]).toEqual([plain, short, exponent]);
});

test("formatSampleValue() switches to an exponent below 1e-6 and from 1e21", () => {
  expect([1e-6, 9.9e-7, 1e20, 1e21].map(formatSampleValue)).toEqual([
    "0.000001",
    "9.9e-07",
    "100000000000000000000",
    "1e+21",
  ]);
});

test("formatOpenMetricsFloat() adds .0 to whole numbers", () => {
  expect([1, 0, 0.5, 1e6, Infinity].map(formatOpenMetricsFloat)).toEqual(["1.0", "0.0", "0.5", "1e+06", "+Inf"]);
});

test("parseGoFloat() refuses hex, underscores, blanks and overflow", () => {
  for (const text of ["0x1F", "1_000", " 1", "1 ", "", "1e999", "1p3", "--1", "."])
    expect(parseGoFloat(text)).toBeUndefined();
  expect(["inf", "-Infinity", "+INF", "nAn"].map(parseGoFloat)).toEqual([Infinity, -Infinity, Infinity, NaN]);
});

test("parseGoFloat() reads a long text that is not a number in one pass", () => {
  expect(parseGoFloat(`${"1".repeat(1_000_000)}x`)).toBeUndefined();
});

test("isDecimal() accepts decimal numbers of any size", () => {
  expect(["1", "-1.", "+.5", "1e999", "1.5E-3"].every(isDecimal)).toBe(true);
  expect(["", ".", "1e", "0x1", "1 ", "Inf"].some(isDecimal)).toBe(false);
});
