import * as fc from "fast-check";
import { expect, test } from "vitest";
import { highWord, lowWord, readBits, writeBits } from "./bitstream.ts";

const fields = fc.array(
  fc
    .integer({ min: 1, max: 32 })
    .chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 0, max: 2 ** count - 1 }))),
);

test("writeBits() writes fields as their binary digits, over memory that was used before", () => {
  fc.assert(
    fc.property(fields, (list) => {
      const text = list.map(([count, value]) => value.toString(2).padStart(count, "0")).join("");
      const bytes = new Uint8Array(Math.ceil(text.length / 8) + 8).fill(0xa5);
      let position = 0;
      for (const [count, value] of list) position = writeBits(bytes, position, value, count);
      expect(position).toBe(text.length);
      const written = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
      expect(written.slice(0, position)).toBe(text);
      let at = 0;
      for (const [count, value] of list) {
        expect(readBits(bytes, at, count)).toBe(value);
        at += count;
      }
    }),
  );
});

test("highWord() and lowWord() split an integer into its 64-bit two's complement", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const joined = (BigInt(highWord(value)) << 32n) | BigInt(lowWord(value) >>> 0);
      expect(joined).toBe(BigInt(value));
    }),
  );
});
