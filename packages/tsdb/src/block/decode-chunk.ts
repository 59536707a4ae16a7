import type { SampleColumns } from "@narthex/storage";
import { decodeSamples } from "../chunk/decode-samples.ts";
import { countOfSamples } from "../chunk/histogram.ts";
import { ENCODING_COLUMNS } from "../columnar/frame.ts";
import type { ChunkBytes } from "./block.ts";

/**
 * Appends the samples of a chunk with from ≤ t ≤ to. Throws RangeError if the encoding is unknown or the content is
 * invalid.
 */
export function decodeChunk(chunk: ChunkBytes, from: number, to: number, into: SampleColumns): void {
  const { bytes, start, end, encoding } = chunk;
  if (encoding === ENCODING_COLUMNS) {
    chunk.frame!.read(chunk.place!, from, to, into);
    return;
  }
  if (end - start < 2) throw new RangeError(`a chunk of ${end - start} bytes is too short`);
  decodeSamples(bytes, start, end, countOfSamples(bytes, start, encoding), encoding, from, to, into);
}
