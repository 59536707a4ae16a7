/** A histogram of exponential buckets that can be posted between threads. */
export interface ChunkHistogram {
  readonly bounds: readonly number[];
  /** Observations up to each bound and above the one before, then those above all. */
  readonly counts: Float64Array<ArrayBuffer>;
  sum: number;
}

const histogram = (first: number, factor: number, count: number): ChunkHistogram => ({
  bounds: Array.from({ length: count }, (_, i) => first * factor ** i),
  counts: new Float64Array(count + 1),
  sum: 0,
});

/** Sizes of the chunks of new blocks, in the buckets of Prometheus' `prometheus_tsdb_compaction_chunk_*`. */
export class ChunkSizes {
  readonly bytes = histogram(32, 1.5, 12);
  readonly samples = histogram(4, 1.5, 12);
  /** Milliseconds from the first sample to the last, whatever the metric's name says. */
  readonly range = histogram(100, 4, 10);

  add(bytes: number, samples: number, range: number): void {
    observe(this.bytes, bytes);
    observe(this.samples, samples);
    observe(this.range, range);
  }

  /** Adds what another thread has counted. */
  merge(other: Pick<ChunkSizes, "bytes" | "samples" | "range">): void {
    for (const kind of ["bytes", "samples", "range"] as const) {
      this[kind].sum += other[kind].sum;
      for (const [i, count] of other[kind].counts.entries()) this[kind].counts[i]! += count;
    }
  }
}

function observe(into: ChunkHistogram, value: number): void {
  const { bounds, counts } = into;
  let i = 0;
  while (i < bounds.length && value > bounds[i]!) i++;
  counts[i] = counts[i]! + 1;
  into.sum += value;
}
