import { type FloatHistogram } from "@narthex/model";
import { QueryError } from "./query-error.ts";

const TOO_MANY = "query processing would load too many samples into memory in query execution";

/** Size of a histogram in Prometheus' memory. */
const bytesOf = (histogram: FloatHistogram): number =>
  168 +
  8 *
    (histogram.positiveSpans.length +
      histogram.negativeSpans.length +
      histogram.positiveBuckets.length +
      histogram.negativeBuckets.length +
      (histogram.customBounds?.length ?? 0));

/**
 * Number of float samples that a histogram counts as: its size with its time, divided by the 16 bytes of a float point.
 */
export const histogramWeight = (histogram: FloatHistogram): number => Math.floor((bytesOf(histogram) + 8) / 16);

/** The same for an element of a step: its size, and one for the element. */
export const elementWeight = (histogram: FloatHistogram): number => 1 + Math.floor(bytesOf(histogram) / 16);

/** Size of a float sample with its time. */
const SAMPLE_BYTES = 16;

/** Number of slots of a column that need no check. */
const HARMLESS_STEPS = 2 ** 20;

/** The error of a query that would hold too many samples. */
export const tooManySamples = (): QueryError => new QueryError("too-many-samples", TOO_MANY);

/** A query's account of memory that several queries share. */
export interface MemoryCharge {
  /** Throws QueryError if the bytes are not available; then none are taken. */
  take(bytes: number): void;
  give(bytes: number): void;
}

/** The memory of a query, in samples and bytes, with limits for both. */
export class SampleBudget {
  /** Limit of the samples that Prometheus would hold (`--query.max-samples`). */
  readonly max: number;
  readonly maxBytes: number;
  current = 0;
  bytes = 0;
  peak = 0;
  /** Number of samples read; a range window counts completely at every step. */
  totalQueryable = 0;
  /** Number of samples read, each counted once. */
  read = 0;
  readonly #memory: MemoryCharge | undefined;

  /** @param memory account of the memory shared by all queries, which also takes the bytes */
  constructor(max: number, maxBytes = Infinity, memory?: MemoryCharge) {
    this.max = max;
    this.maxBytes = maxBytes;
    this.#memory = memory;
  }

  /**
   * Counts samples and their bytes; throws QueryError if these exceed `maxBytes` or the shared memory. `max` is not
   * checked here. `bytes`: size of the samples in memory, if it differs from the usual one.
   */
  take(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.#memory?.take(bytes);
    this.current += samples;
    this.bytes += bytes;
    if (this.current > this.peak) this.peak = this.current;
    if (this.bytes > this.maxBytes) throw new QueryError("too-many-samples", tooManyBytes(this.maxBytes));
  }

  /** Releases samples; `bytes` must be those of take(). */
  release(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.current -= samples;
    this.bytes -= bytes;
    this.#memory?.give(bytes);
  }

  /**
   * Refuses a column that is so large that its samples would exceed the limit. A column has a slot per step, even
   * without a sample.
   */
  refuseSteps(count: number): void {
    if (count > this.max && count > HARMLESS_STEPS) throw tooManySamples();
  }
}

/** Memory that an operator holds besides the counted samples, until it is closed. */
export class HeldMemory {
  readonly #budget: SampleBudget;
  #bytes = 0;

  constructor(budget: SampleBudget) {
    this.#budget = budget;
  }

  /** Adds memory; throws if the query may not hold it. */
  add(bytes: number): void {
    this.#budget.take(0, bytes);
    this.#bytes += bytes;
  }

  /** Records that the memory has grown to this total. */
  growTo(bytes: number): void {
    if (bytes > this.#bytes) this.add(bytes - this.#bytes);
  }

  /** Releases the memory, or a part of it; repeated calls have no effect. */
  release(bytes = this.#bytes): void {
    const given = Math.min(bytes, this.#bytes);
    this.#bytes -= given;
    this.#budget.release(0, given);
  }
}

const tooManyBytes = (max: number): string =>
  `query processing would hold more than ${Math.floor(max / 1024 / 1024)} MiB in memory in query execution; raise --query.max-bytes or ask for fewer series or steps`;
