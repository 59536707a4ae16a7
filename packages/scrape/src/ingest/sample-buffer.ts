import { wordsOf, writeStale } from "@narthex/model";
import type { StartSynthesis } from "../cache/start-synthesis.ts";
import { type Appender, createSampleBatch, type SampleBatch, type SeriesRef } from "@narthex/storage";

const CAPACITY = 1024;

/**
 * Samples for the appender in columns, with data that is needed after they were appended. All scrape loops share one
 * buffer. A loop appends the samples in the buffer before it yields to the event loop.
 */
export class SampleBuffer {
  readonly batch: SampleBatch = createSampleBatch(CAPACITY);
  /** For each sample, the number of its series in the scrape loop's cache. */
  readonly index = new Uint32Array(CAPACITY);
  /** For each sample, 1 if the series was first seen in this scrape. */
  readonly fresh = new Uint8Array(CAPACITY);
  /** For each sample, 1 if the series gets a stale marker when a later scrape does not contain it. */
  readonly tracked = new Uint8Array(CAPACITY);
  readonly #words = wordsOf(this.batch.values);

  get full(): boolean {
    return this.batch.count === CAPACITY;
  }

  put(ref: SeriesRef, timestamp: number, value: number, start = 0): number {
    const { batch } = this;
    const slot = batch.count++;
    batch.refs[slot] = ref;
    batch.timestamps[slot] = timestamp;
    batch.values[slot] = value;
    if (start !== 0) batch.starts ??= new Float64Array(CAPACITY);
    if (batch.starts !== undefined) batch.starts[slot] = start;
    return slot;
  }

  /**
   * Adds samples of consecutive series, beginning with number `first`, that are known from earlier scrapes. Each of
   * these series gets a stale marker when a later scrape does not contain it.
   * @param synthesis derives the start times of counters among them
   */
  putRun(
    refs: Uint32Array,
    values: Float64Array,
    timestamp: number,
    first: number,
    synthesis: StartSynthesis | undefined,
  ): void {
    const { batch } = this;
    const from = batch.count;
    const end = from + refs.length;
    batch.refs.set(refs, from);
    batch.values.set(values, from);
    batch.timestamps.fill(timestamp, from, end);
    if (synthesis !== undefined) batch.starts ??= new Float64Array(CAPACITY);
    batch.starts?.fill(0, from, end);
    synthesis?.takeRun(first, batch.values.subarray(from, end), batch.starts!.subarray(from, end), timestamp);
    this.fresh.fill(0, from, end);
    this.tracked.fill(1, from, end);
    for (let i = from; i < end; i++) this.index[i] = first + i - from;
    batch.count = end;
  }

  /** Reports whether the buffer has room for `count` more samples. */
  hasRoomFor(count: number): boolean {
    return this.batch.count + count <= CAPACITY;
  }

  /** Appends stale markers for the given series, and ignores refusals by the storage. */
  writeStaleMarkers(appender: Appender, refs: readonly SeriesRef[], timestamp: number): void {
    try {
      for (let from = 0; from < refs.length; from += CAPACITY) {
        this.batch.count = 0;
        for (let i = from; i < Math.min(from + CAPACITY, refs.length); i++) {
          writeStale(this.#words, this.put(refs[i]!, timestamp, 0));
        }
        appender.append(this.batch);
      }
    } finally {
      this.batch.count = 0;
    }
  }
}
