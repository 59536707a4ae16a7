/** Reference of a chunk: the number of its segment (0 is file 000001) × 2^32 + the offset in the segment. */
export type ChunkRef = number;

/** Series as read from a block's index. Readers reuse one object for several series. */
export class SeriesEntry {
  /** Labels of the series: names and values in turn, as symbol numbers of the block. */
  labels = new Uint32Array(64);
  labelCount = 0;
  chunkCount = 0;
  /** Times of the first and the last sample of each chunk, ms. */
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
