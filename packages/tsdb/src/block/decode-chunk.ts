import type { SampleColumns } from "@narthex/storage";
import type { ChunkBytes } from "./block.ts";
import { readHistograms } from "../chunk/histogram.ts";
import { ENCODING_FLOAT_HISTOGRAM, ENCODING_HISTOGRAM, ENCODING_XOR, readXor } from "../chunk/xor.ts";

/**
 * Appends a chunk's samples with from ≤ t ≤ to. Throws RangeError for an encoding that is not known, or for content
 * that makes no sense.
 */
export function decodeChunk(chunk: ChunkBytes, from: number, to: number, into: SampleColumns): void {
  const { bytes, start, encoding } = chunk;
  const count = (bytes[start]! << 8) | bytes[start + 1]!;
  if (encoding === ENCODING_XOR) readXor(bytes, start, count, from, to, into);
  else if (encoding === ENCODING_HISTOGRAM || encoding === ENCODING_FLOAT_HISTOGRAM) {
    readHistograms(bytes, start, count, encoding === ENCODING_HISTOGRAM, (time, histogram) => {
      if (time >= from && time <= to) into.pushHistogram(time, histogram);
    });
  } else throw new RangeError(`unknown chunk encoding ${encoding}`);
}
