import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { sampleOffset } from "./label-hash.ts";
import { isNaturallyLess } from "./natural-order.ts";
import { xxhash64 } from "./xxhash64.ts";

// Test vectors of the reference implementation (xxhsum -H1).
test.each([
  ["", 0xef46db3751d8e999n],
  ["a", 0xd24ec4f1a98c6e5bn],
  ["abc", 0x44bc2cf5ad770999n],
])("xxhash64(%j)", (text, hash) => {
  expect(xxhash64(new TextEncoder().encode(text))).toBe(hash);
});

test("sampleOffset() spreads label sets evenly between 0 and 1", () => {
  const offsets = Array.from({ length: 4000 }, (_, i) => sampleOffset(Labels.of({ __name__: "m", i: String(i) })));
  expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...offsets)).toBeLessThan(1);
  const share = offsets.filter((offset) => offset < 0.25).length / offsets.length;
  expect(Math.abs(share - 0.25)).toBeLessThan(0.03);
});

test("sampleOffset() accepts labels of 255 bytes and more", () => {
  expect(sampleOffset(Labels.of({ a: "x".repeat(254) }))).not.toBe(sampleOffset(Labels.of({ a: "x".repeat(255) })));
});

test.each([
  ["a2", "a10", true],
  ["a10", "a2", false],
  ["a", "a1", true],
  ["a1", "a", false],
  ["10", "9", false],
  ["a1b2", "a1b10", true],
  ["a", "b", true],
  ["", "a", true],
  ["x99999999999999999999", "x100000000000000000000", true],
  ["a01c", "a1b", false],
  ["a1b", "a01c", true],
])("isNaturallyLess(%j, %j) is %s", (a, b, before) => {
  expect(isNaturallyLess(a, b)).toBe(before);
});
