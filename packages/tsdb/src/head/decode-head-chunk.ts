import type { SampleColumns } from "@narthex/storage";
import { decodeSamples } from "../chunk/decode-samples.ts";
import { countOfSamples } from "../chunk/histogram.ts";

/**
 * Adds the samples of a chunk with from ≤ t ≤ to to `into`. If `count` is -1, the number of samples is read from the
 * chunk's header. The chunk ends before byte `end`.
 */
export function decodeHeadChunk(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  encoding: number,
  from: number,
  to: number,
  into: SampleColumns,
): void {
  if (count < 0) count = countOfSamples(bytes, start, encoding);
  decodeSamples(bytes, start, end, count, encoding, from, to, into);
}
