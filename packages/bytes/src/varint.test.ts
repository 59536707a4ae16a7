import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "./byte-writer.ts";
import { Cursor, DecodeError } from "./cursor.ts";
import { uvarintSize } from "./varint.ts";

/** Reference implementation: encodes a number in LEB128 with BigInt. */
function reference(value: bigint): number[] {
  const out: number[] = [];
  for (; value > 0x7fn; value >>= 7n) out.push(Number(value & 0x7fn) | 0x80);
  return [...out, Number(value)];
}

test("varints are written like the BigInt reference, and read back", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 })), (values) => {
      const writer = new ByteWriter(1);
      const expected: number[] = [];
      for (const value of values) {
        writer.uvarint(Math.abs(value));
        expect(uvarintSize(Math.abs(value))).toBe(reference(BigInt(Math.abs(value))).length);
        writer.varint(value);
        const big = BigInt(value);
        expected.push(...reference(big < 0n ? -big : big), ...reference(big >= 0n ? big * 2n : -big * 2n - 1n));
      }
      expect([...writer.written]).toEqual(expected);
      const cursor = new Cursor(writer.written);
      for (const value of values) {
        expect(cursor.uvarint()).toBe(Math.abs(value));
        expect(cursor.varint()).toBe(value === 0 ? 0 : value);
      }
      expect(cursor.rest).toBe(0);
    }),
  );
});

test("Cursor reads the output of ByteWriter and refuses every truncation", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60, unit: "grapheme" }),
      fc.double(),
      fc.maxSafeInteger(),
      (text, float, whole) => {
        const writer = new ByteWriter(1);
        writer.text(text);
        writer.f64(float);
        writer.i64(whole);
        writer.u32(0xdeadbeef);
        const read = (end: number): unknown[] => {
          const cursor = new Cursor(writer.written, 0, end);
          return [cursor.text(), cursor.f64(), cursor.i64(), cursor.u32()];
        };
        expect(read(writer.length)).toEqual([text, float, whole === 0 ? 0 : whole, 0xdeadbeef]);
        for (let cut = 0; cut < writer.length; cut++) expect(() => read(cut)).toThrow(DecodeError);
      },
    ),
  );
});

test("a number that takes more than ten bytes is refused", () => {
  const writer = new ByteWriter();
  for (const value of [2 ** 70, Infinity]) {
    expect(() => writer.uvarint(value)).toThrow(RangeError);
    expect(() => writer.varint(-value)).toThrow(RangeError);
    expect(() => uvarintSize(value)).toThrow(RangeError);
  }
  writer.uvarint(2 ** 64);
  expect(writer.length).toBe(10);
});
