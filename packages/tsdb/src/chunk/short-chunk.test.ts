import { SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { decodeChunk } from "../block/decode-chunk.ts";
import { maxChunkBytes, readXor, ENCODING_XOR, XorWriter } from "./xor.ts";
import { ENCODING_XOR2 } from "./xor2.ts";
import { Xor2Writer } from "./xor2-writer.ts";

const SAMPLES = 100;

/** Makes a chunk whose header claims `extra` more samples than the chunk has. Other bytes surround the chunk. */
function chunkOf(encoding: number, valueOf: (i: number) => number, extra: number) {
  const words = new Uint32Array(2);
  const value = new Float64Array(words.buffer);
  const bytes = new Uint8Array(8 + maxChunkBytes(SAMPLES + extra)).fill(0x5a);
  let end: number;
  if (encoding === ENCODING_XOR) {
    const writer = new XorWriter();
    writer.begin(bytes, 8);
    for (let i = 0; i < SAMPLES; i++) {
      value[0] = valueOf(i);
      writer.append(1000 + i * 15_000, words[1]!, words[0]!);
    }
    end = 8 + writer.byteLength;
  } else {
    const writer = new Xor2Writer();
    for (let i = 0; i < SAMPLES; i++) {
      value[0] = valueOf(i);
      writer.append(1000 + i * 15_000, words[1]!, words[0]!, 0);
    }
    bytes.set(writer.buffer.bytes.subarray(0, writer.buffer.byteLength), 8);
    end = 8 + writer.buffer.byteLength;
  }
  bytes[9] = SAMPLES + extra;
  return { bytes, start: 8, end, encoding };
}

test.each([
  ["XOR", ENCODING_XOR],
  ["XOR2", ENCODING_XOR2],
])("an %s chunk with fewer samples than it says is an error, whatever bytes were there before", (_, encoding) => {
  for (const valueOf of [(i: number) => i * 0.1, (i: number) => i, () => 7]) {
    const into = new SampleColumns();
    const whole = chunkOf(encoding, valueOf, 0);
    decodeChunk(whole, -Infinity, Infinity, into);
    expect(into.count).toBe(SAMPLES);
    // Makes the header claim at least 9 samples too many. A smaller error would not always be detected: a repeated
    // sample takes one or two bits, so the unused bits of the last byte can look like samples.
    for (const extra of [9, 20, 100]) {
      into.reset();
      decodeChunk(whole, -Infinity, Infinity, into);
      const chunk = chunkOf(encoding, valueOf, extra);
      const message = /ends (before|in)/;
      expect(() => decodeChunk(chunk, -Infinity, Infinity, into)).toThrow(message);
      // Checks that the decoder does not throw if the requested time range ends before the missing samples, because it stops at the end of the range.
      into.reset();
      decodeChunk(chunk, -Infinity, 1000 + 50 * 15_000, into);
      expect(into.count).toBe(51);
      if (encoding !== ENCODING_XOR) continue;
      const { bytes, start, end } = chunk;
      expect(() => readXor(bytes, start, SAMPLES + extra, -Infinity, Infinity, into, end)).toThrow(message);
    }
  }
});
