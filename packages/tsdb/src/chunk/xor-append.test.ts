import * as fc from "fast-check";
import { expect, test } from "vitest";
import { appendXor } from "./xor-append.ts";
import { NO_WINDOW, XorWriter } from "./xor.ts";

const word = fc.oneof(
  fc.constantFrom(0, 1, -1, 0x40000000, 0x7ff00000),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);
const number = fc.integer({ min: -1000, max: 1000 }).map((value) => {
  const [low, high] = new Int32Array(Float64Array.of(value).buffer);
  return [high!, low!] as const;
});
const sample = fc.record({
  step: fc.oneof(fc.constant(15_000), fc.integer({ min: 1, max: 40_000 }), fc.constantFrom(1, 23_191, 6_809, 2 ** 40)),
  value: fc.oneof(number, fc.tuple(word, word)),
});

test("appendXor() writes the same bits as XorWriter, and leaves the bytes unchanged if it refuses a sample", () => {
  fc.assert(
    fc.property(fc.array(sample, { minLength: 1, maxLength: 60 }), fc.nat(9), fc.integer({ min: 8, max: 600 }), run),
    { numRuns: 500 },
  );
});

function run(samples: readonly { step: number; value: readonly [number, number] }[], start: number, room: number) {
  const plain = new XorWriter();
  plain.begin(new Uint8Array(start + 2048), start);
  const bytes = new Uint8Array(start + 2048).fill(0x5a);
  const other = new XorWriter();
  other.begin(bytes, start);
  const view = new DataView(bytes.buffer);
  const windows = { leading: Uint8Array.of(NO_WINDOW), trailing: Uint8Array.of(0) };
  let time = 1_700_000_000_000;
  for (const { step, value } of samples) {
    const [high, low] = value;
    time += step;
    plain.append(time, high, low);
    const size = other.byteLength + room;
    bytes.fill(0x5a, start + size);
    windows.leading[0] = other.leading;
    windows.trailing[0] = other.trailing;
    const [delta, xorHigh, xorLow] = [time - other.time, high ^ other.high, low ^ other.low];
    const dod = delta - other.delta;
    const bits = other.count < 2 ? 0 : appendXor(view, start, other.bits, size, dod, xorHigh, xorLow, windows, 0);
    expect(bytes.subarray(start + size).every((byte) => byte === 0x5a)).toBe(true);
    if (bits === 0) {
      // appendXor() may refuse a sample only if the chunk has fewer than two samples, if the delta of deltas needs more
      // than 16 bits, or if the chunk has too little room.
      expect(other.count < 2 || Math.abs(dod) > 8000 || room < 19 + 3).toBe(true);
      other.append(time, high, low);
    } else {
      Object.assign(other, { bits, time, delta, high, low, count: other.count + 1 });
      [other.leading, other.trailing] = [...windows.leading, ...windows.trailing] as [number, number];
      view.setUint16(start, other.count);
    }
    expect(other.bits).toBe(plain.bits);
  }
  const text = Buffer.from(plain.bytes.subarray(start, start + plain.byteLength)).toString("hex");
  expect(Buffer.from(bytes.subarray(start, start + plain.byteLength)).toString("hex")).toBe(text);
}
