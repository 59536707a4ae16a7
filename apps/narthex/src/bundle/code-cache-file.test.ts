import fc from "fast-check";
import { expect, test } from "vitest";
import { type CachedCode, decodeCodeCache, encodeCodeCache } from "./code-cache-file.ts";

const someCode = fc.record({ source: fc.integer({ min: 0, max: 0xffffffff }), code: fc.uint8Array({ maxLength: 50 }) });
const someFile = fc
  .dictionary(fc.string({ maxLength: 12 }), someCode, { maxKeys: 6 })
  .map((by) => new Map(Object.entries(by)));

const plain = (chunks: ReadonlyMap<string, CachedCode>): unknown[] =>
  [...chunks].map(([name, { source, code }]) => [name, source, [...code]]);

test("a file holds the code of each chunk", () => {
  fc.assert(
    fc.property(someFile, (chunks) => {
      const read = decodeCodeCache(Buffer.from(encodeCodeCache(chunks)));
      expect(plain(read)).toEqual(plain(chunks));
      for (const { code } of read.values()) expect(code.byteOffset % 8).toBe(0);
    }),
  );
});

test("a file that is truncated or changed at any place gives no code", () => {
  fc.assert(
    fc.property(someFile, fc.nat(), fc.integer({ min: 1, max: 255 }), (chunks, place, change) => {
      const file = Buffer.from(encodeCodeCache(chunks));
      expect(decodeCodeCache(file.subarray(0, place % file.length)).size).toBe(0);
      file[place % file.length]! ^= change;
      expect(decodeCodeCache(file).size).toBe(0);
    }),
  );
});
