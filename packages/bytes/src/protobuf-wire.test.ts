import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WireError, WireReader, WireWriter } from "./protobuf-wire.ts";

test("WireReader reads the output of WireWriter", () =>
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.integer({ min: -(2 ** 51), max: 2 ** 51 }),
      fc.maxSafeInteger(),
      fc.double(),
      fc.string(),
      (natural, signed, long, double, text) => {
        const writer = new WireWriter(1);
        writer.uint64(1, natural);
        writer.sint64(2, signed);
        writer.int64(3, long);
        writer.double(4, double);
        writer.message(5, () => writer.string(6, text));
        const bytes = writer.written;
        const reader = new WireReader(bytes);
        expect(reader.tag("M")).toBe(8);
        expect(reader.uint64()).toBe(natural);
        expect(reader.tag("M")).toBe(16);
        expect(reader.sint64()).toBe(signed);
        expect(reader.tag("M")).toBe(24);
        expect(reader.int64()).toBe(long);
        expect(reader.tag("M")).toBe(33);
        expect(reader.double()).toBe(double);
        expect(reader.tag("M")).toBe(42);
        const end = reader.range();
        reader.seek(reader.start, end);
        expect(reader.tag("M")).toBe(50);
        const textEnd = reader.range();
        expect(Buffer.from(bytes.subarray(reader.start, textEnd)).equals(Buffer.from(text))).toBe(true);
        expect(reader.tag("M")).toBe(0);
      },
    ),
  ));

test("WireReader reads any bytes to the end or throws a WireError", () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const reader = new WireReader(bytes);
      try {
        for (let tag = reader.tag("M"); tag !== 0; tag = reader.tag("M")) reader.skip(tag);
        expect(reader.at).toBe(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
      expect(reader.at).toBeLessThanOrEqual(bytes.length);
    }),
  ));
