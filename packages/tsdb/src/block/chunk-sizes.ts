import { addBuckets, type Buckets, makeBuckets, observe } from "../metrics/buckets.ts";

/**
 * Histograms about the sizes of chunks in new blocks, with the buckets of Prometheus'
 * `prometheus_tsdb_compaction_chunk_*`.
 */
export interface ChunkSizes {
  readonly bytes: Buckets;
  readonly samples: Buckets;
  /**
   * Histogram of the time from a chunk's first sample to its last, in ms. The metric's name says seconds, as in
   * Prometheus.
   */
  readonly range: Buckets;
}

export const makeChunkSizes = (): ChunkSizes => ({
  bytes: makeBuckets(32, 1.5, 12),
  samples: makeBuckets(4, 1.5, 12),
  range: makeBuckets(100, 4, 10),
});

export function countChunk({ bytes, samples, range }: ChunkSizes, size: number, count: number, time: number): void {
  observe(bytes, size);
  observe(samples, count);
  observe(range, time);
}

/** Adds the counts of another thread to the histograms `into`. */
export function addChunkSizes(into: ChunkSizes, other: ChunkSizes): void {
  for (const kind of ["bytes", "samples", "range"] as const) addBuckets(into[kind], other[kind]);
}
