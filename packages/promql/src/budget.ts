import { type FloatHistogram } from "@narthex/model";
import { QueryError } from "./query-error.ts";

const TOO_MANY = "query processing would load too many samples into memory in query execution";

/** What a histogram takes in Prometheus' memory. */
const bytesOf = (histogram: FloatHistogram): number =>
  168 +
  8 *
    (histogram.positiveSpans.length +
      histogram.negativeSpans.length +
      histogram.positiveBuckets.length +
      histogram.negativeBuckets.length +
      (histogram.customBounds?.length ?? 0));

/** A histogram counts as this many float samples: its size, with its time, beside a 16-byte float point. */
export const histogramWeight = (histogram: FloatHistogram): number => Math.floor((bytesOf(histogram) + 8) / 16);

/** The same among the elements of one step: its size, and one for itself. */
export const elementWeight = (histogram: FloatHistogram): number => 1 + Math.floor(bytesOf(histogram) / 16);

/** What a float sample takes with its time. */
const SAMPLE_BYTES = 16;

/** Slots of a column that cost next to nothing. */
const HARMLESS_STEPS = 2 ** 20;

/** A query's refusal to hold more than it may. */
export const tooManySamples = (): QueryError => new QueryError("too-many-samples", TOO_MANY);

/** What a query takes of the memory that many share. */
export interface MemoryCharge {
  /** Throws QueryError where so much is not to be had; then nothing is taken. */
  take(bytes: number): void;
  give(bytes: number): void;
}

/** What a query holds in memory at a time, in samples and in bytes, of which there may be so many. */
export class SampleBudget {
  /** Samples that Prometheus would hold (`--query.max-samples`): the account of a query is held against it. */
  readonly max: number;
  readonly maxBytes: number;
  current = 0;
  bytes = 0;
  peak = 0;
  /** Samples looked at, counting a range window in full at every step. */
  totalQueryable = 0;
  /** Samples looked at, each once. */
  read = 0;
  readonly #memory: MemoryCharge | undefined;

  /** @param memory takes the same bytes of what all queries share */
  constructor(max: number, maxBytes = Infinity, memory?: MemoryCharge) {
    this.max = max;
    this.maxBytes = maxBytes;
    this.#memory = memory;
  }

  /**
   * Counts samples in; throws once they take more bytes than allowed. `bytes`: what holds them, where that is more or
   * less than the samples would need.
   */
  take(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.#memory?.take(bytes);
    this.current += samples;
    this.bytes += bytes;
    if (this.current > this.peak) this.peak = this.current;
    if (this.bytes > this.maxBytes) throw new QueryError("too-many-samples", tooManyBytes(this.maxBytes));
  }

  /** With the `bytes` that take() was called with. */
  release(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.current -= samples;
    this.bytes -= bytes;
    this.#memory?.give(bytes);
  }

  /** A column has a slot per step, sample or not: what would take much memory and could never be filled is not begun. */
  refuseSteps(count: number): void {
    if (count > this.max && count > HARMLESS_STEPS) throw tooManySamples();
  }
}

/** Memory that an operator holds besides the samples that it counts, until it is closed. */
export class HeldMemory {
  readonly #budget: SampleBudget;
  #bytes = 0;

  constructor(budget: SampleBudget) {
    this.#budget = budget;
  }

  /** Counts more memory; throws if the query may not hold it. */
  add(bytes: number): void {
    this.#budget.take(0, bytes);
    this.#bytes += bytes;
  }

  /** Counts memory that has grown to so many bytes in all. */
  growTo(bytes: number): void {
    if (bytes > this.#bytes) this.add(bytes - this.#bytes);
  }

  /** Gives back what is held, or a part of it; once more has no effect. */
  release(bytes = this.#bytes): void {
    const given = Math.min(bytes, this.#bytes);
    this.#bytes -= given;
    this.#budget.release(0, given);
  }
}

const tooManyBytes = (max: number): string =>
  `query processing would hold more than ${Math.floor(max / 1024 / 1024)} MiB in memory in query execution; raise --query.max-bytes or ask for fewer series or steps`;
