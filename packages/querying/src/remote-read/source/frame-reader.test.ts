import { ByteWriter, crc32c } from "@narthex/bytes";
import * as fc from "fast-check";
import { expect, test, vi } from "vitest";
import { FrameReader } from "./frame-reader.ts";

function streamOf(messages: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter();
  for (const message of messages) {
    out.uvarint(message.length);
    out.u32(crc32c(message));
    out.put(message);
  }
  return out.written.slice();
}

test("frames are read completely, wherever the stream is split", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
      fc.array(fc.nat(2000), { maxLength: 8 }),
      (messages, places) => {
        const stream = streamOf(messages);
        const cuts = [...places.map((place) => place % (stream.length + 1)), stream.length].sort((a, b) => a - b);
        const frames = new FrameReader(300);
        const found: Uint8Array[] = [];
        let from = 0;
        for (const to of cuts) {
          for (const frame of frames.push(stream.subarray(from, to))) found.push(frame.slice());
          from = to;
        }
        frames.end();
        expect(found.map((frame) => [...frame])).toEqual(messages.map((message) => [...message]));
      },
    ),
  );
});

test("the pieces of a frame are joined only once, whatever their number", () => {
  const stream = streamOf([new Uint8Array(300).fill(1)]);
  const frames = new FrameReader(300);
  const joins = vi.spyOn(Buffer, "concat");
  let found = 0;
  for (let i = 0; i < stream.length; i++) for (const _frame of frames.push(stream.subarray(i, i + 1))) found++;
  // Expects two joins: one for the two bytes of the frame's length, and one for the frame.
  expect([found, joins.mock.calls.length]).toEqual([1, 2]);
  joins.mockRestore();
});

test.each([
  [
    "is too large",
    streamOf([new Uint8Array(11)]),
    "chunkedReader: message size exceeded the limit 10 bytes; got: 11 bytes",
  ],
  ["is damaged", streamOf([Uint8Array.of(1, 2)]).fill(9, 5, 6), "chunkedReader: corrupted frame; checksum mismatch"],
  ["is torn", streamOf([Uint8Array.of(1, 2)]).subarray(0, 6), "unexpected EOF"],
  ["has no end to its length", new Uint8Array(11).fill(0x80), "binary: varint overflows a 64-bit integer"],
])("a frame that %s is refused", (_, stream, problem) => {
  const frames = new FrameReader(10);
  const read = (): void => {
    for (const _frame of frames.push(stream)) expect.unreachable();
    frames.end();
  };
  expect(read).toThrow(problem);
});
