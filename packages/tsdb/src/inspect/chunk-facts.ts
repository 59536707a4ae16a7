import type { ChunkBytes } from "../block/block.ts";
import { readHistograms } from "../chunk/histogram.ts";
import { ENCODING_FLOAT_HISTOGRAM, ENCODING_HISTOGRAM, ENCODING_XOR } from "../chunk/xor.ts";

/** What an encoded chunk holds. */
export interface ChunkFacts {
  readonly kind: "float" | "histogram" | "other";
  readonly samples: number;
  readonly bytes: number;
  /** Buckets of all samples together. */
  readonly buckets: number;
}

/** Looks into a chunk as ChunkReader.read() gave it. */
export function chunkFacts({ bytes, start, end, encoding }: ChunkBytes): ChunkFacts {
  const samples = (bytes[start]! << 8) | bytes[start + 1]!;
  const facts = { samples, bytes: end - start, buckets: 0 };
  if (encoding === ENCODING_XOR) return { kind: "float", ...facts };
  if (encoding !== ENCODING_HISTOGRAM && encoding !== ENCODING_FLOAT_HISTOGRAM) return { kind: "other", ...facts };
  let buckets = 0;
  readHistograms(bytes, start, samples, encoding === ENCODING_HISTOGRAM, (_, histogram) => {
    buckets += histogram.positiveBuckets.length + histogram.negativeBuckets.length;
  });
  return { kind: "histogram", ...facts, buckets };
}
