import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { uncompress } from "snappyjs";
import { expect, test } from "vitest";
import { MAX_VARINT_BYTES, writeUvarint } from "../varint.ts";
import { SnappyCompressor } from "./snappy-compressor.ts";
import { SNAPPY_SOURCE } from "./snappy.wasm.ts";

/**
 * A part of the text to compress: repeated bytes, a copy of earlier bytes, or random bytes. Some parts are longer than
 * a block of 64 KiB.
 */
const piece = fc.oneof(
  fc.record({ byte: fc.nat(255), length: fc.nat(300) }).map(({ byte, length }) => Array<number>(length).fill(byte)),
  fc.record({ from: fc.nat(2 ** 17), length: fc.nat(200) }),
  fc.array(fc.nat(255), { maxLength: 70 }),
  fc.record({ noise: fc.nat(2 ** 17), seed: fc.integer() }),
);

type Piece = number[] | { from: number; length: number } | { noise: number; seed: number };

function join(pieces: readonly Piece[]): Uint8Array {
  const bytes: number[] = [];
  for (const part of pieces) {
    if (Array.isArray(part)) bytes.push(...part);
    else if ("noise" in part) {
      for (let i = 0; i < part.noise; i++) bytes.push((Math.imul(i + part.seed, 2654435761) >>> 13) & 255);
    } else bytes.push(...bytes.slice(part.from % (bytes.length + 1)).slice(0, part.length));
  }
  return Uint8Array.from(bytes);
}

test("another library decompresses every output to its input, whatever was compressed before", () => {
  const compressor = new SnappyCompressor();
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const input = join(pieces);
      expect(Buffer.compare(uncompress(compressor.compress(input)), input)).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("the kernel's output equals that of the compressor in TypeScript", () => {
  const compressor = new SnappyCompressor();
  const plain = new SnappyCompressor(false);
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(3), (pieces, from) => {
      const input = join(pieces).subarray(from);
      expect(Buffer.compare(compressor.compress(input), plain.compress(input))).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test("inputs of every length up to some hundred bytes, and around the length of a block, are compressed correctly, are compressed correctly", () => {
  const compressor = new SnappyCompressor();
  const plain = new SnappyCompressor(false);
  const whole = join([
    { noise: 70, seed: 3 },
    Array<number>(90).fill(7),
    { from: 0, length: 70 },
    { noise: 70_000, seed: 1 },
  ]);
  const lengths = [...Array(320).keys(), ...Array.from({ length: 40 }, (_, i) => 65_516 + i)];
  for (const length of lengths) {
    const input = whole.subarray(0, length);
    expect(Buffer.compare(compressor.compress(input), plain.compress(input))).toBe(0);
    expect(Buffer.compare(uncompress(compressor.compress(input)), input)).toBe(0);
  }
});

test("the compiled kernel was built from the source next to it", () => {
  const source = readFileSync(new URL("../../kernels/snappy.as", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex")).toBe(SNAPPY_SOURCE);
});

test("parts after the length of the whole decompress like the whole", () => {
  const compressor = new SnappyCompressor();
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const parts = pieces.map((one) => join([one])).flatMap((one) => [one.subarray(0, 65536), one.subarray(65536)]);
      const input = Buffer.concat(parts);
      const length = new Uint8Array(MAX_VARINT_BYTES);
      const head = length.subarray(0, writeUvarint(length, 0, input.length));
      const whole = Buffer.concat([head, ...parts.map((part) => compressor.compressPart(part).slice())]);
      expect(Buffer.compare(uncompress(whole), input)).toBe(0);
    }),
  );
});

test("noise grows by only a few bytes, and a run of one byte is compressed to almost nothing", () => {
  const compressor = new SnappyCompressor();
  const noise = join([{ noise: 200_000, seed: 7 }]);
  expect(compressor.compress(noise).length).toBeLessThan(noise.length + 64);
  expect(compressor.compress(new Uint8Array(200_000)).length).toBeLessThan(10_000);
});
