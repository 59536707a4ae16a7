import { type FloatHistogram } from "@narthex/model";
import { QueryError } from "./query-error.ts";

const TOO_MANY = "query processing would load too many samples into memory in query execution";

/** Returns the size in bytes that a histogram has in Prometheus' memory. */
const bytesOf = (histogram: FloatHistogram): number =>
  168 +
  8 *
    (histogram.positiveSpans.length +
      histogram.negativeSpans.length +
      histogram.positiveBuckets.length +
      histogram.negativeBuckets.length +
      (histogram.customBounds?.length ?? 0));

/**
 * Returns the number of float samples that a histogram counts for in Prometheus' sample limit: its size with the
 * timestamp, divided by 16 bytes.
 */
export const histogramWeight = (histogram: FloatHistogram): number => Math.floor((bytesOf(histogram) + 8) / 16);

/**
 * Returns the number of samples that a histogram counts for as an element of a result: its size divided by 16 bytes,
 * plus one.
 */
export const elementWeight = (histogram: FloatHistogram): number => 1 + Math.floor(bytesOf(histogram) / 16);

/** Size in bytes of a float sample including its time. */
const SAMPLE_BYTES = 16;

/** Number of steps above which a query's memory for results is checked in advance. */
const UNCHECKED_STEPS = 2 ** 20;

export const tooManySamples = (): QueryError => new QueryError("too-many-samples", TOO_MANY);

/** Memory of one query, which is taken from the memory that all queries share. */
export interface MemoryCharge {
  /**
   * Takes bytes from the memory that all queries share. Throws QueryError, and takes nothing, if too little is left.
   */
  take(bytes: number): void;
  give(bytes: number): void;
}

/** Counts the samples and bytes that a query holds in memory, with limits for both. */
export class SampleBudget {
  /** Maximum number of samples at a time, counted as Prometheus would (`--query.max-samples`). */
  readonly max: number;
  readonly maxBytes: number;
  current = 0;
  bytes = 0;
  peak = 0;
  /**
   * Number of samples that were read, for the query statistics. For a range selector, every step counts all samples of
   * its window.
   */
  totalQueryable = 0;
  /** Number of samples that were read from storage. Each sample counts once. */
  read = 0;
  readonly #memory: MemoryCharge | undefined;

  /** @param memory memory that all queries share, from which the bytes are taken too */
  constructor(max: number, maxBytes = Infinity, memory?: MemoryCharge) {
    this.max = max;
    this.maxBytes = maxBytes;
    this.#memory = memory;
  }

  /**
   * Counts samples and their bytes. Throws QueryError if the bytes exceed `maxBytes` or the shared memory. Does not
   * check `max`.
   * @param bytes size of the samples if they are not floats
   */
  take(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.#memory?.take(bytes);
    this.current += samples;
    this.bytes += bytes;
    if (this.current > this.peak) this.peak = this.current;
    if (this.bytes > this.maxBytes) throw new QueryError("too-many-samples", tooManyBytes(this.maxBytes));
  }

  /** Releases samples that take() has counted. `bytes` must be the same as for take(). */
  release(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.current -= samples;
    this.bytes -= bytes;
    this.#memory?.give(bytes);
  }

  /**
   * Throws if `count` steps of a single series would exceed the limit. Each step needs memory, whether or not it has a
   * sample.
   */
  refuseSteps(count: number): void {
    if (count > this.max && count > UNCHECKED_STEPS) throw tooManySamples();
  }
}

/** Memory that an operator needs in addition to samples. The memory is released when the operator is closed. */
export class HeldMemory {
  readonly #budget: SampleBudget;
  #bytes = 0;

  constructor(budget: SampleBudget) {
    this.#budget = budget;
  }

  /** Adds memory. Throws if the query then exceeds its memory limit. */
  add(bytes: number): void {
    this.#budget.take(0, bytes);
    this.#bytes += bytes;
  }

  /** Increases the memory to `bytes`, unless it is already larger. */
  growTo(bytes: number): void {
    if (bytes > this.#bytes) this.add(bytes - this.#bytes);
  }

  /** Releases the memory or a part of it. Repeated calls have no effect. */
  release(bytes = this.#bytes): void {
    const given = Math.min(bytes, this.#bytes);
    this.#bytes -= given;
    this.#budget.release(0, given);
  }
}

const tooManyBytes = (max: number): string =>
  `query processing would hold more than ${Math.floor(max / 1024 / 1024)} MiB in memory in query execution; raise --query.max-bytes or ask for fewer series or steps`;
