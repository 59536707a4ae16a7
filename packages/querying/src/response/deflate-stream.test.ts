import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DeflateStream } from "./deflate-stream.ts";

const expected = (text: Uint8Array): Buffer =>
  deflateRawSync(text, { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_SYNC_FLUSH });

test("DeflateStream compresses each text as if it were its first", () => {
  const stream = new DeflateStream();
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    // What leaves no room in a buffer, and what fills it several times.
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 3000 }), fc.integer({ min: 1, max: 120 }))
      .map(([part, times]) => Buffer.concat(Array.from({ length: times }, () => part))),
  );
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), (texts) => {
      for (const one of texts) expect(Buffer.from(stream.deflate(one))).toEqual(expected(one));
    }),
  );
});

test("DeflateStream compresses what cannot be made smaller, of any length around that of its buffer", () => {
  const stream = new DeflateStream();
  let state = 7;
  const noise = Uint8Array.from(
    { length: 200_000 },
    () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24,
  );
  for (const length of [0, 1, 65_480, ...Array.from({ length: 80 }, (_, i) => 65_490 + i), 131_000, 200_000]) {
    const text = noise.subarray(0, length);
    expect(Buffer.from(stream.deflate(text)).equals(expected(text))).toBe(true);
  }
});
