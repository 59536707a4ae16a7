import { SnappyCompressor, WireWriter } from "@narthex/bytes";
import { MATCH_TYPES, SAMPLES, STREAMED_XOR_CHUNKS } from "../read-messages.ts";
import type { RemoteSelection } from "../source/remote-reader.ts";

/** Returns a compressed remote read request with one query. The request accepts both forms of responses. */
export function writeReadRequest({ minTime, maxTime, matchers, hints }: RemoteSelection): Uint8Array {
  const out = new WireWriter();
  out.message(1, () => {
    out.int64(1, whole(minTime));
    out.int64(2, whole(maxTime));
    for (const { type, name, value } of matchers) {
      out.message(3, () => {
        const number = MATCH_TYPES.indexOf(type);
        if (number > 0) out.uint64(1, number);
        out.string(2, name);
        out.string(3, value);
      });
    }
    out.message(4, () => {
      out.int64(1, hints.step);
      out.string(2, hints.func);
      out.int64(3, whole(hints.start));
      out.int64(4, whole(hints.end));
      out.int64(7, hints.range);
    });
  });
  out.message(2, () => {
    out.varint(STREAMED_XOR_CHUNKS);
    out.varint(SAMPLES);
  });
  return new SnappyCompressor().compress(out.written).slice();
}

/** Limits a time, which may be infinite, to the range of times that other servers can read. */
const whole = (time: number): number => Math.max(-(2 ** 53), Math.min(2 ** 53, time));
