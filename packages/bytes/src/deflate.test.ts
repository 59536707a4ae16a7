import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { deflate } from "./deflate.ts";
import { DEFLATE_SOURCE } from "./deflate.wasm.ts";

const inflated = (packed: Uint8Array): Buffer => inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });

const part = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  // Texts with few distinct bytes, for which DEFLATE uses long Huffman codes and matches of all lengths.
  fc.array(fc.nat(3), { maxLength: 3000 }).map((bytes) => Uint8Array.from(bytes)),
  fc.string({ maxLength: 300, unit: "binary" }).map((text) => Buffer.from(text)),
  // Texts with numbers like those in API responses.
  fc
    .array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 60 })
    .map((values) => Buffer.from(JSON.stringify(values.map((value, i) => [1.7e9 + i * 15, String(value)])))),
);
/** A text in which the same parts are repeated in random order. */
const text = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(3), { maxLength: 120 }))
  .map(([parts, order]) => Buffer.concat([...parts, ...order.map((i) => parts[i % parts.length]!)]));

test("the output of deflate() decompresses to the text, whatever was compressed before it", () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), fc.nat(20), (texts, room) => {
      for (const one of texts) {
        const packed = deflate(one, room)!;
        expect(inflated(packed.subarray(room)).equals(one)).toBe(true);
        expect(packed.length - room).toBeLessThanOrEqual(one.length + 6 * Math.ceil(one.length / 32_768) + 6);
      }
    }),
  );
});

test("the outputs of consecutive texts can be joined", () => {
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
      const packed = Buffer.concat(texts.map((one) => deflate(one)!));
      expect(inflated(packed).equals(Buffer.concat(texts))).toBe(true);
    }),
  );
});

/** Yields a fixed sequence of pseudo-random numbers in [0, 2^32). */
function* noise(): Generator<number> {
  for (let state = 7; ;) yield (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0);
}

test("texts of all lengths around those of blocks and matches are compressed correctly are compressed correctly", () => {
  const numbers = noise();
  const bytes = Uint8Array.from({ length: 140_000 }, () => numbers.next().value >>> 24);
  const same = new Uint8Array(140_000).fill(65);
  const digits = bytes.map((byte) => 48 + (byte % 10));
  const around = [0, 300, 32_768, 65_536, 131_072].flatMap((length) =>
    Array.from({ length: 40 }, (_, i) => Math.max(0, length - 20 + i)),
  );
  for (const length of around) {
    for (const one of [bytes, same, digits]) {
      const cut = one.subarray(0, length);
      expect(inflated(deflate(cut)!).equals(cut)).toBe(true);
    }
  }
});

test("matches at the maximum distance, and one byte further, are compressed correctly", () => {
  const numbers = noise();
  const word = Buffer.from("a word that is there twice, long enough for a match");
  for (let distance = 32_768 - 70; distance < 32_768 + 70; distance++) {
    const between = Buffer.from(Uint8Array.from({ length: distance - word.length }, () => numbers.next().value >>> 24));
    const one = Buffer.concat([word, between, word]);
    expect(inflated(deflate(one)!).equals(one)).toBe(true);
  }
});

/** Returns the length of the longest code in a Huffman tree for the given counts, without a length limit. */
function longestCode(counts: readonly number[]): number {
  const trees = counts.map((weight) => ({ weight, depth: 0 }));
  while (trees.length > 1) {
    trees.sort((a, b) => b.weight - a.weight);
    const [a, b] = [trees.pop()!, trees.pop()!];
    trees.push({ weight: a.weight + b.weight, depth: Math.max(a.depth, b.depth) + 1 });
  }
  return trees[0]!.depth;
}

test("codes are limited to fifteen bits if byte counts are Fibonacci numbers, or other bytes are much more frequent", () => {
  const rare = [1, 1];
  while (rare.length < 13) rare.push(rare.at(-1)! + rare.at(-2)!);
  const counts = [...rare, ...Array.from({ length: 60 }, () => 450)];
  const numbers = noise();
  const bytes = counts.flatMap((count, byte) => Array.from({ length: count }, () => byte));
  const mixed = Uint8Array.from(
    bytes
      .map((byte) => [numbers.next().value, byte] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, byte]) => byte),
  );
  // Checks that the compressed block contains no match, because a match needs six bytes that occurred before.
  expect(mixed.length).toBeLessThan(32_768);
  const sixes = Array.from({ length: mixed.length - 5 }, (_, i) => mixed.subarray(i, i + 6).join());
  expect(new Set(sixes).size).toBe(sixes.length);
  expect(longestCode([...counts, 1])).toBeGreaterThan(15);
  const packed = deflate(mixed)!;
  expect(packed.length).toBeLessThan(mixed.length * 0.8);
  expect(inflated(packed).equals(mixed)).toBe(true);
});

test("digits are compressed nearly to their information content, and a repeated text to almost nothing", () => {
  const numbers = noise();
  const digits = Uint8Array.from({ length: 30_000 }, () => 48 + ((numbers.next().value >>> 20) % 10));
  expect(deflate(digits)!.length).toBeLessThan(30_000 * 0.45);
  expect(deflate(Buffer.concat([digits, digits]))!.length).toBeLessThan(30_000 * 0.48);
});

test("the compiled kernel was built from the source next to it", () => {
  const source = readFileSync(new URL("../kernels/deflate.as", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex")).toBe(DEFLATE_SOURCE);
});
