import type { SampleColumns } from "@narthex/storage";
import { readHistograms } from "../chunk/histogram.ts";
import { ENCODING_HISTOGRAM, ENCODING_XOR } from "../chunk/xor.ts";
import { decodeXor } from "../chunk/xor-decoder.ts";

/** Adds a chunk's samples with from ≤ t ≤ to to `into`; `count` -1 takes their number from its header. */
export function decodeChunk(
  bytes: Uint8Array,
  start: number,
  count: number,
  encoding: number,
  from: number,
  to: number,
  into: SampleColumns,
): void {
  if (count < 0) count = (bytes[start]! << 8) | bytes[start + 1]!;
  if (encoding === ENCODING_XOR) decodeXor(bytes, start, undefined, count, from, to, into);
  else {
    readHistograms(bytes, start, count, encoding === ENCODING_HISTOGRAM, (time, histogram) => {
      if (time >= from && time <= to) into.pushHistogram(time, histogram);
    });
  }
}
