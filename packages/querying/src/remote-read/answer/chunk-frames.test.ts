import { ByteWriter, crc32c, Cursor } from "@narthex/bytes";
import { EncodedChunks, NO_CHECKSUM } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChunkFrames } from "./chunk-frames.ts";

const chunk = fc.record({
  data: fc.oneof(fc.uint8Array({ minLength: 2, maxLength: 300 }), fc.uint8Array({ minLength: 2, maxLength: 9000 })),
  encoding: fc.integer({ min: 1, max: 5 }),
  minTime: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
  isSummed: fc.boolean(),
});

/** Splits a response into its frames. Returns the message and the checksum of each frame. */
function framesIn(bytes: Uint8Array): (readonly [checksum: number, message: Uint8Array])[] {
  const cursor = new Cursor(bytes);
  const frames: (readonly [number, Uint8Array])[] = [];
  while (cursor.at < bytes.length) {
    const size = cursor.uvarint();
    const checksum = cursor.u32();
    frames.push([checksum, bytes.subarray(cursor.at, (cursor.at += size))]);
  }
  return frames;
}

test("a frame contains the checksum of its message, and chunks with known checksums result in the same bytes", () => {
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 20 }),
      fc.integer({ min: 1, max: 4000 }),
      fc.nat(2),
      (list, most, query) => {
        const [some, none] = [new EncodedChunks(), new EncodedChunks()];
        for (const { data, encoding, minTime, isSummed } of list) {
          const sum = isSummed ? crc32c(Uint8Array.of(encoding, ...data)) : NO_CHECKSUM;
          some.add(data, 0, data.length, encoding, minTime, minTime + 9, sum);
          none.add(data, 0, data.length, encoding, minTime, minTime + 9);
        }
        const [out, plain] = [some, none].map((chunks) => {
          const writer = new ByteWriter(16);
          new ChunkFrames(writer, most).write(["__name__", "m", "i", "é"], chunks, query);
          return writer.written;
        });
        expect(out).toEqual(plain);
        for (const [checksum, message] of framesIn(out!)) expect(checksum).toBe(crc32c(message));
      },
    ),
  );
});
