/** Segment of the chunk's file (0 is 000001) × 2^32 + offset in it. */
export type ChunkRef = number;

/** One series of a block's index, in memory that is used again for the next series. */
export class SeriesEntry {
  /** Name, value, name, value … as symbol numbers of the block. */
  labels = new Uint32Array(64);
  labelCount = 0;
  chunkCount = 0;
  /** First and last sample of each chunk, ms. */
  chunkMinTime = new Float64Array(64);
  chunkMaxTime = new Float64Array(64);
  chunkRef = new Float64Array(64);

  reserveLabels(count: number): void {
    if (count * 2 > this.labels.length) this.labels = new Uint32Array(count * 4);
  }

  reserveChunks(count: number): void {
    if (count <= this.chunkRef.length) return;
    this.chunkMinTime = new Float64Array(count * 2);
    this.chunkMaxTime = new Float64Array(count * 2);
    this.chunkRef = new Float64Array(count * 2);
  }
}
