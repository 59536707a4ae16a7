import { countOfSamples } from "../chunk/histogram.ts";
import { ENCODING_COLUMNS } from "../columnar/frame.ts";
import type { ChunkBytes } from "./block.ts";

/** Returns the number of samples of a chunk, from the chunk's header. */
export function sampleCount({ bytes, start, encoding, frame, place }: Omit<ChunkBytes, "end">): number {
  return encoding === ENCODING_COLUMNS ? frame!.sampleCount(place!) : countOfSamples(bytes, start, encoding);
}
