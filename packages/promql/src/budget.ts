import { type FloatHistogram } from "@narthex/model";
import { QueryError } from "./query-error.ts";

const TOO_MANY = "query processing would load too many samples into memory in query execution";

/** Returns the size of a histogram in Prometheus' memory, bytes. */
const bytesOf = (histogram: FloatHistogram): number =>
  168 +
  8 *
    (histogram.positiveSpans.length +
      histogram.negativeSpans.length +
      histogram.positiveBuckets.length +
      histogram.negativeBuckets.length +
      (histogram.customBounds?.length ?? 0));

/**
 * Returns the number of float samples as which a histogram is counted: its size with its time, divided by the 16 bytes
 * of a float sample.
 */
export const histogramWeight = (histogram: FloatHistogram): number => Math.floor((bytesOf(histogram) + 8) / 16);

/** Returns the weight of a histogram as an element of one step: its size in samples, plus one for the element. */
export const elementWeight = (histogram: FloatHistogram): number => 1 + Math.floor(bytesOf(histogram) / 16);

/** Size of a float sample with its time, bytes. */
const SAMPLE_BYTES = 16;

/** Number of steps up to which the size of a column is not checked. */
const UNCHECKED_STEPS = 2 ** 20;

/** Returns the error of a query that would hold too many samples. */
export const tooManySamples = (): QueryError => new QueryError("too-many-samples", TOO_MANY);

/** Account of a query for memory that several queries share. */
export interface MemoryCharge {
  /** Takes memory. Throws QueryError if there is too little; then nothing is taken. */
  take(bytes: number): void;
  give(bytes: number): void;
}

/** The memory of a query, in samples and bytes, with limits for both. */
export class SampleBudget {
  /** Largest number of samples that Prometheus would hold (`--query.max-samples`). */
  readonly max: number;
  readonly maxBytes: number;
  current = 0;
  bytes = 0;
  peak = 0;
  /** Number of samples that were read. A range window is counted completely at every step. */
  totalQueryable = 0;
  /** Number of samples that were read, each counted once. */
  read = 0;
  readonly #memory: MemoryCharge | undefined;

  /** @param memory account of memory that all queries share; bytes are taken from it, too */
  constructor(max: number, maxBytes = Infinity, memory?: MemoryCharge) {
    this.max = max;
    this.maxBytes = maxBytes;
    this.#memory = memory;
  }

  /**
   * Counts samples and their bytes. Throws QueryError if the bytes exceed `maxBytes` or the shared memory. `max` is not
   * checked here. `bytes` is the size of the samples if it differs from the usual one.
   */
  take(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.#memory?.take(bytes);
    this.current += samples;
    this.bytes += bytes;
    if (this.current > this.peak) this.peak = this.current;
    if (this.bytes > this.maxBytes) throw new QueryError("too-many-samples", tooManyBytes(this.maxBytes));
  }

  /** Releases samples. `bytes` must be the same number as for take(). */
  release(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.current -= samples;
    this.bytes -= bytes;
    this.#memory?.give(bytes);
  }

  /**
   * Throws if a column is so large that its samples would exceed the limit. A column has a slot for each step, even
   * without a sample.
   */
  refuseSteps(count: number): void {
    if (count > this.max && count > UNCHECKED_STEPS) throw tooManySamples();
  }
}

/** Memory that an operator holds in addition to the counted samples, until the operator is closed. */
export class HeldMemory {
  readonly #budget: SampleBudget;
  #bytes = 0;

  constructor(budget: SampleBudget) {
    this.#budget = budget;
  }

  /** Adds memory. Throws if the query may not hold that much. */
  add(bytes: number): void {
    this.#budget.take(0, bytes);
    this.#bytes += bytes;
  }

  /** Adds memory up to this total, if the total is larger than before. */
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
