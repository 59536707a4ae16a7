import { type Block, type ChunkBytes, chunkStats, SeriesEntry } from "@narthex/tsdb";
import { chunkHistogram } from "./chunk-histogram.ts";

/** Returns the report on the fill and size of a block's chunks, which `analyze --extended` adds. */
export function compactionReport(block: Block, matched: Uint32Array | undefined): string {
  const floats = { samples: [] as number[], bytes: [] as number[] };
  const histograms = { samples: [] as number[], bytes: [] as number[], buckets: [] as number[] };
  const entry = new SeriesEntry();
  const chunk: ChunkBytes = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
  const reader = block.chunkReader();
  let total = 0;
  for (const ref of matched ?? block.allPostings()) {
    block.series(ref, entry);
    for (let i = 0; i < entry.chunkCount; i++, total++) {
      reader.read(entry.chunkRef[i]!, chunk);
      const stats = chunkStats(chunk);
      if (stats.kind === "float") {
        floats.samples.push(stats.samples);
        floats.bytes.push(stats.bytes);
      } else if (stats.kind === "histogram") {
        histograms.samples.push(stats.samples);
        histograms.bytes.push(stats.bytes);
        histograms.buckets.push(stats.buckets);
      }
    }
  }
  return [
    "\nCompaction analysis:\n\n",
    chunkHistogram("samples per float chunk", floats.samples, total),
    chunkHistogram("bytes per float chunk", floats.bytes, total),
    chunkHistogram("samples per histogram chunk", histograms.samples, total),
    chunkHistogram("bytes per histogram chunk", histograms.bytes, total),
    chunkHistogram("buckets per histogram chunk", histograms.buckets, total),
  ].join("");
}
