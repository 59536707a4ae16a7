import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c, Crc32cWindow } from "./crc32c.ts";
import { CRC32C_SOURCE } from "./crc32c.wasm.ts";

/** Reference implementation: computes the checksum bit by bit from the polynomial. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test("crc32c() returns the catalogue's check value and those of RFC 3720", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
});

test("crc32c() agrees with the bitwise reference, whole and in two parts", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      expect(crc32c(bytes)).toBe(reference(bytes));
      expect(crc32c(bytes, at, bytes.length, crc32c(bytes, 0, at))).toBe(reference(bytes));
    }),
  );
});

/** Lengths in bytes: short lengths, lengths that the WebAssembly kernel processes in one call, and longer lengths. */
const lengths = fc.oneof(fc.nat(64), fc.integer({ min: 150, max: 700 }), fc.integer({ min: 49_100, max: 120_000 }));

test("crc32c() in the kernel agrees with the bitwise reference at any offset", () => {
  fc.assert(
    fc.property(lengths, fc.nat(40), fc.nat(40), fc.integer(), (length, start, behind, seed) => {
      const bytes = Uint8Array.from(
        { length: start + length + behind },
        (_, i) => Math.imul(i ^ seed, 2_654_435_761) >>> 24,
      );
      const middle = start + Math.floor(length / 3);
      const expected = reference(bytes.subarray(start, start + length));
      expect(crc32c(bytes, start, start + length)).toBe(expected);
      expect(crc32c(bytes, middle, start + length, crc32c(bytes, start, middle))).toBe(expected);
    }),
    { numRuns: 60 },
  );
});

test("the kernel was built from its source", () => {
  const source = readFileSync(new URL("../kernels/crc32c.as", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex")).toBe(CRC32C_SOURCE);
});

/** Bytes without repeated sequences; more bytes than a Crc32cWindow can hold. */
const CONTENT = Uint8Array.from({ length: 201_000 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24);

test("parts of windows have the checksums of crc32c(), for any number of windows, and after loading them again", () => {
  const step = fc.record({
    window: fc.nat(11),
    /** The bytes that the window loads first. If undefined, the window keeps its bytes. */
    load: fc.option(fc.record({ count: fc.constantFrom(0, 5, 1000, 131_072, 131_073, 200_000), at: fc.nat(1000) }), {
      freq: 4,
      nil: undefined,
    }),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    to: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 60, size: "max" }), (steps) => {
      const windows = Array.from({ length: 12 }, () => ({ sums: new Crc32cWindow(), bytes: new Uint8Array(0) }));
      for (const { window, load, from, to } of steps) {
        const one = windows[window % (steps.length % 2 === 0 ? 4 : 12)]!;
        if (load !== undefined) {
          one.bytes = CONTENT.slice(load.at, load.at + load.count);
          one.sums.load(one.bytes, load.count);
        }
        const [start, end] = [from, to].map((share) => Math.floor(share * one.bytes.length)).sort((a, b) => a - b);
        expect(one.sums.sum(start!, end!)).toBe(crc32c(one.bytes, start, end));
      }
    }),
    { numRuns: 20 },
  );
});
