import type { SampleColumns } from "@narthex/storage";
import { decodeSamples } from "../chunk/decode-samples.ts";
import { countOfSamples } from "../chunk/histogram.ts";

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
  if (count < 0) count = countOfSamples(bytes, start, encoding);
  decodeSamples(bytes, start, undefined, count, encoding, from, to, into);
}
