import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { maxChunkBytes, readXor, XorWriter } from "./xor.ts";
import { decodeNewestXor, decodeXor } from "./xor-decoder.ts";
import { XOR_DECODER_SOURCE } from "./xor-decoder.wasm.ts";

const word = fc.oneof(fc.integer(), fc.constantFrom(0, 1, 2, -1, 0x7ff00000, 0x3ff00000, -0x80000000));
const step = fc.oneof(
  fc.constantFrom(1, 15_000, 15_001, 8191, 8192, 8193, 65535, 65536, 65537, 524287, 524288, 524289),
  fc.integer({ min: 1, max: 2 ** 42 }),
);
/** Number of times that a sample is repeated at the same distance. The decoder has a fast path for such runs. */
const times = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(70) });
const samples = fc
  .array(fc.tuple(step, word, word, fc.boolean(), times), { minLength: 1, maxLength: 200 })
  .map((list) =>
    list.flatMap(([ms, high, low, same, repeats]) =>
      Array.from({ length: repeats + 1 }, (_, i) => [ms, high, low, same || i > 0] as const),
    ),
  );

/** Makes a chunk that other bytes surround. A sample whose flag is set repeats the value of the previous sample. */
function chunkOf(start: number, list: readonly (readonly [number, number, number, boolean])[], first: number) {
  const bytes = new Uint8Array(start + maxChunkBytes(list.length)).fill(0xa5);
  const writer = new XorWriter();
  writer.begin(bytes, start);
  let time = first;
  let [high, low] = [0, 0];
  for (const [ms, nextHigh, nextLow, same] of list) {
    if (!same) [high, low] = [nextHigh, nextLow];
    writer.append((time += ms), high, low);
  }
  return { bytes, end: start + writer.byteLength, first, last: time };
}

const read = ({ timestamps, valueWords, count }: SampleColumns): unknown => [
  Array.from(timestamps.subarray(0, count)),
  Array.from(valueWords.subarray(0, count * 2)),
];

test("decodeXor() returns the same samples as the decoder in TypeScript, for any range and position of the chunk", () => {
  fc.assert(
    fc.property(
      samples,
      fc.integer({ min: -(2 ** 41), max: 2 ** 41 }),
      fc.nat(9),
      fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      fc.boolean(),
      (list, begin, start, from, to, knownEnd) => {
        const { bytes, end, first, last } = chunkOf(start, list, begin);
        const range = [first + (last - first) * from, first + (last - first) * to].map(Math.round) as [number, number];
        for (const [min, max] of [range, [-Infinity, Infinity] as const]) {
          const expected = new SampleColumns(1);
          const actual = new SampleColumns(1);
          for (const columns of [expected, actual]) columns.pushFloat(1, Uint32Array.of(7, 8), 0);
          readXor(bytes, start, list.length, min, max, expected);
          decodeXor(bytes, start, knownEnd ? end : undefined, list.length, min, max, actual);
          expect(read(actual)).toEqual(read(expected));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("decodeNewestXor() returns the newest sample of decodeXor(), bit for bit", () => {
  fc.assert(
    fc.property(
      samples,
      fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      fc.double({ min: -0.1, max: 1.1, noNaN: true }),
      (list, from, to) => {
        const { bytes, end, first, last } = chunkOf(8, list, 1_000);
        const words = new Uint32Array(Math.ceil(bytes.length / 4));
        new Uint8Array(words.buffer).set(bytes);
        const [min, max] = [from, to].map((share) => Math.round(first + (last - first) * share)) as [number, number];
        const all = new SampleColumns();
        decodeXor(bytes, 8, end, list.length, min, max, all);
        const expected = new SampleColumns();
        if (all.count > 0) expected.pushFrom(all, all.count - 1);
        const actual = new SampleColumns();
        const decoded = decodeNewestXor(words, 2, end - 8, list.length, min, max, actual);
        expect(decoded).toBe(list.length <= 4096);
        if (decoded) expect(read(actual)).toEqual(read(expected));
      },
    ),
    { numRuns: 300 },
  );
});

test("decodeXor() returns or throws a RangeError for bytes that are not a chunk, whatever length they claim", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(1, 120, 4096, 4097, 65_535), (bytes, count) => {
      const columns = new SampleColumns(1);
      try {
        decodeXor(bytes, 0, bytes.length, count, -Infinity, Infinity, columns);
      } catch (cause) {
        expect(cause).toBeInstanceOf(RangeError);
      }
      expect(columns.count).toBeLessThanOrEqual(count);
    }),
  );
});

test("the compiled decoder was built from the current version of its source file", () => {
  const source = readFileSync(new URL("../../kernels/xor-decoder.as", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex")).toBe(XOR_DECODER_SOURCE);
});
