import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDecimal, parseDigits } from "./ascii.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test("parseDecimal() agrees with Number() whenever it returns a number", () =>
  fc.assert(
    fc.property(
      fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.float({ noNaN: true })),
      fc.nat(3),
      (value, form) => {
        const text = [String(value), value.toExponential(), value.toFixed(3), value.toPrecision(8)][form]!;
        const got = parseDecimal(encode(text), 0, text.length);
        if (!Number.isNaN(got)) expect(got).toBe(Number(text));
      },
    ),
  ));

test.each(["0", "-0", "+1", "1.", ".5", "123456789012345", "1e5", "1E-3", "0.1", "3.14159"])(
  "parseDecimal() reads %s",
  (text) => {
    expect(parseDecimal(encode(text), 0, text.length)).toBe(Number(text));
  },
);

test.each(["", "-", ".", "e5", "1e", "1e+", "1x", "1_0", "0x1F", "Inf", "1 ", "1\r", "1e99999"])(
  "parseDecimal() returns NaN for %j",
  (text) => {
    expect(parseDecimal(encode(text), 0, text.length)).toBeNaN();
  },
);

test("parseDigits() accepts only digits", () => {
  expect(parseDigits(encode("1700000000000"), 0, 13)).toBe(1700000000000);
  for (const text of ["", "-1", "1.5", "1a", "1234567890123456"])
    expect(parseDigits(encode(text), 0, text.length)).toBe(-1);
});
