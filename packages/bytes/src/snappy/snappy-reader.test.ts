import * as fc from "fast-check";
import { compress } from "snappyjs";
import { expect, test } from "vitest";
import { SnappyError, SnappyReader } from "./snappy-reader.ts";

const MAX_BYTES = 1 << 20;

test("data compressed by another implementation is decompressed correctly", () => {
  const reader = new SnappyReader();
  fc.assert(
    fc.property(
      fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 70 }), times: fc.integer({ min: 1, max: 40 }) }), {
        maxLength: 12,
      }),
      (parts) => {
        const plain = Buffer.concat(parts.flatMap(({ bytes, times }) => Array.from({ length: times }, () => bytes)));
        const expanded = reader.expand(compress(new Uint8Array(plain)), MAX_BYTES);
        expect(Buffer.compare(expanded, plain)).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});

test("copies of every kind are read, including those that overlap their output", () => {
  const block = Uint8Array.of(
    37,
    0x04,
    0x61,
    0x62, // literal of 2 bytes: "ab"
    0x11,
    0x02, // copy with a 1-byte offset: 8 bytes from 2 bytes back
    0x0e,
    0x03,
    0x00, // copy with a 2-byte offset: 4 bytes from 3 bytes back
    0x17,
    0x01,
    0x00,
    0x00,
    0x00, // copy with a 4-byte offset: 6 bytes from 1 byte back
    0xf0,
    0x10,
    ...new TextEncoder().encode("a long literal..."), // literal whose length is in a separate byte
  );
  expect(Buffer.from(new SnappyReader().expand(block, MAX_BYTES)).toString()).toBe(
    "abababababbabbbbbbbba long literal...",
  );
});

test("damaged blocks are refused, whatever the damage, and never read beyond their memory", () => {
  const reader = new SnappyReader();
  const plain = Uint8Array.from({ length: 3000 }, (_, i) => (i % 50 < 30 ? i % 7 : Math.imul(i, 2654435761) >>> 24));
  const whole = compress(plain);
  for (let cut = 0; cut < whole.length; cut += 1) {
    expect(() => reader.expand(whole.subarray(0, cut), MAX_BYTES)).toThrow(SnappyError);
  }
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const changed = whole.slice();
      changed[at] = byte;
      try {
        expect(reader.expand(changed, MAX_BYTES).length).toBeLessThanOrEqual(MAX_BYTES);
      } catch (cause) {
        expect(cause).toBeInstanceOf(SnappyError);
      }
    }),
    { numRuns: 500 },
  );
  expect(() => reader.expand(whole, 100)).toThrow("3000 bytes are more than 100");
});

test("the memory of a large block is released with the next small one", () => {
  const reader = new SnappyReader();
  const large = reader.expand(compress(new Uint8Array(3_000_000)), 4_000_000);
  expect(large.buffer.byteLength).toBeGreaterThanOrEqual(3_000_000);
  const small = reader.expand(compress(Uint8Array.of(1, 2, 3)), 100);
  expect([...small]).toEqual([1, 2, 3]);
  expect(small.buffer.byteLength).toBe(1024 * 1024);
});
