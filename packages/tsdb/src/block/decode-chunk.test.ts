import { SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeChunk } from "./decode-chunk.ts";

/** Generates random bytes with long runs of ones and zeros, which are the prefixes of long values in a chunk. */
const noise = fc
  .array(fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.constantFrom(Uint8Array.of(255, 255, 255), new Uint8Array(5))), {
    maxLength: 40,
  })
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

test("decodeChunk() returns samples or throws a RangeError for any bytes", () => {
  const into = new SampleColumns();
  fc.assert(
    fc.property(noise, fc.integer({ min: 0, max: 7 }), fc.nat(10), (bytes, encoding, start) => {
      into.reset();
      const chunk = { bytes, start: Math.min(start, bytes.length), end: bytes.length, encoding };
      try {
        decodeChunk(chunk, -Infinity, Infinity, into);
      } catch (cause) {
        expect(cause).toBeInstanceOf(RangeError);
      }
      expect(into.count).toBeLessThan(2 ** 16);
    }),
    { numRuns: 1000 },
  );
});

test("the error of decodeChunk() names an unknown encoding", () => {
  const chunk = { bytes: new Uint8Array(8), start: 0, end: 8, encoding: 9 };
  expect(() => decodeChunk(chunk, 0, 1, new SampleColumns())).toThrow("unknown chunk encoding 9");
});
