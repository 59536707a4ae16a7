import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { formatSampleValue } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleWriter } from "./sample-writer.ts";
import { SAMPLE_WRITER_SOURCE } from "./sample-writer.wasm.ts";

const written = (value: number): string => {
  const into = Buffer.alloc(40);
  return into.toString("latin1", 3, sampleWriter!.value(value, into, 3));
};

const words = new DataView(new ArrayBuffer(8));
const ofBits = (high: number, low: number): number => {
  words.setUint32(0, high);
  words.setUint32(4, low);
  return words.getFloat64(0);
};

test("any double is written as by formatSampleValue()", () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const anyBits = fc.tuple(word, word).map(([high, low]) => ofBits(high, low));
  const decimals = fc
    .tuple(fc.integer(), fc.integer({ min: -30, max: 30 }))
    .map(([digits, power]) => digits * 10 ** power);
  const value = fc.oneof(anyBits, decimals, fc.double(), fc.integer(), fc.maxSafeInteger());
  fc.assert(
    fc.property(value, (one) => {
      expect(written(one)).toBe(formatSampleValue(one));
    }),
    { numRuns: 20_000 },
  );
});

test("powers of two and of ten, and their neighbours, are written as by formatSampleValue()", () => {
  for (let exponent = 0; exponent < 0x7ff; exponent++) {
    for (const low of [0, 1, 2, 0xffffffff]) {
      const high = (exponent << 20) | (low === 0xffffffff ? 0xfffff : 0);
      for (const one of [ofBits(high, low), -ofBits(high, low)]) expect(written(one)).toBe(formatSampleValue(one));
    }
  }
  for (let power = -323; power <= 308; power++) {
    const [high, low] = [words.setFloat64(0, Number(`1e${power}`)), words.getUint32(0), words.getUint32(4)].slice(
      1,
    ) as [number, number];
    for (let off = -3; off <= 3; off++) {
      const one = ofBits(high, (low + off) >>> 0);
      expect(written(one)).toBe(formatSampleValue(one));
    }
  }
});

test.each([
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  5e-324,
  -5e-324,
  Number.MAX_VALUE,
  2 ** 53,
  1e21,
  1e-6,
  9.999e-7,
  123456789012345680000,
])("%s is written as formatSampleValue() prints it", (one) => expect(written(one)).toBe(formatSampleValue(one)));

test("the compiled writer was built from the current version of its source file", () => {
  const source = readFileSync(new URL("../../kernels/sample-writer.as", import.meta.url));
  expect(createHash("sha256").update(source).digest("hex")).toBe(SAMPLE_WRITER_SOURCE);
});
