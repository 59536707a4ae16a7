import { expect, test } from "vitest";
import { floatOf, hexadecimalOf, literalOf, signedOf, unsignedLiteralOf, unsignedOf } from "./kernel-number.ts";

test("a count consists of decimal digits and fits in 64 bits", () => {
  expect(unsignedOf("0042", "x")).toBe(42);
  expect(unsignedOf("18446744073709551615", "x")).toBe(2 ** 64);
  for (const text of ["", "-1", "+1", "1.0", "1e3", "0x1", " 1", "18446744073709551616", undefined])
    expect(() => unsignedOf(text, "slabinfo")).toThrow(/^slabinfo: expected a count/);
});

test("an integer may have a sign and has 63 bits for the value", () => {
  expect(signedOf("-9223372036854775808", "x")).toBe(-(2 ** 63));
  expect(signedOf("+7", "x")).toBe(7);
  for (const text of ["9223372036854775808", "--1", "0x1", "", undefined])
    expect(() => signedOf(text, "x")).toThrow(/integer/);
});

test("hexadecimal counts have no prefix", () => {
  expect(hexadecimalOf("000000fF", "x")).toBe(255);
  for (const text of ["0xff", "", "10000000000000000", "g", undefined])
    expect(() => hexadecimalOf(text, "x")).toThrow(/hexadecimal/);
});

test("floats are decimal, infinite or NaN, and never overflow", () => {
  expect(["1.5", ".5", "5.", "1e3", "+2"].map((text) => floatOf(text, "x"))).toEqual([1.5, 0.5, 5, 1000, 2]);
  expect([floatOf("-Inf", "x"), floatOf("infinity", "x"), floatOf("NaN", "x")]).toEqual([-Infinity, Infinity, NaN]);
  for (const text of ["", ".", "0x10", "1_0", "1e999", "ten", undefined])
    expect(() => floatOf(text, "buddyinfo")).toThrow(/^buddyinfo: expected a number/);
});

test("literals accept the bases of program source", () => {
  expect(["10", "0x10", "-0b11", "0o17", "017", "1_000", "0"].map(literalOf)).toEqual([10, 16, -3, 15, 15, 1000, 0]);
  for (const text of ["", "08", "1__0", "_1", "0x", "x", "9223372036854775808"])
    expect(literalOf(text)).toBeUndefined();
});

test("literals of counts have no sign and 64 bits", () => {
  expect(unsignedLiteralOf("0xffffffffffffffff", "x")).toBe(2 ** 64);
  expect(unsignedLiteralOf("12", "x")).toBe(12);
  for (const text of ["-1", "+1", "", "N/A", "18446744073709551616"])
    expect(() => unsignedLiteralOf(text, "fc_host")).toThrow(/^fc_host: expected a count/);
});
