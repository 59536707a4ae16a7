import { SampleColumns } from "@narthex/storage";
import type { ChunkBytes } from "../block/block.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { sampleCount } from "../block/sample-count.ts";
import { ENCODING_XOR } from "../chunk/xor.ts";
import { ENCODING_XOR2 } from "../chunk/xor2.ts";
import { ENCODING_COLUMNS } from "../columnar/frame.ts";

/** Size and content of an encoded chunk. */
export interface ChunkStats {
  readonly kind: "float" | "histogram";
  readonly samples: number;
  readonly bytes: number;
  /** Number of histogram buckets, summed over all samples. */
  readonly buckets: number;
}

/**
 * Determines the size and content of a chunk that ChunkReader.read() has read. Throws RangeError if the encoding is
 * unknown.
 */
export function chunkStats(chunk: ChunkBytes): ChunkStats {
  const stats = { samples: sampleCount(chunk), bytes: chunk.end - chunk.start, buckets: 0 };
  if ([ENCODING_XOR, ENCODING_XOR2, ENCODING_COLUMNS].includes(chunk.encoding)) return { kind: "float", ...stats };
  const columns = new SampleColumns(1);
  decodeChunk(chunk, -Infinity, Infinity, columns);
  let buckets = 0;
  for (const histogram of columns.histograms ?? []) {
    buckets += (histogram?.positiveBuckets.length ?? 0) + (histogram?.negativeBuckets.length ?? 0);
  }
  return { kind: "histogram", ...stats, buckets };
}
