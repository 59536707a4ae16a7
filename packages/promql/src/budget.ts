import { type FloatHistogram } from "@narthex/model";
import { QueryError } from "./query-error.ts";

const TOO_MANY = "query processing would load too many samples into memory in query execution";

/** A histogram counts as this many float samples: its size beside a 16-byte float point. */
export function histogramWeight(histogram: FloatHistogram): number {
  const parts =
    histogram.positiveSpans.length +
    histogram.negativeSpans.length +
    histogram.positiveBuckets.length +
    histogram.negativeBuckets.length +
    (histogram.customBounds?.length ?? 0);
  return Math.floor((168 + 8 * parts + 8) / 16);
}

/** What a float sample takes with its time. */
const SAMPLE_BYTES = 16;

/** What a query may hold in memory at a time, in samples and in bytes. */
export class SampleBudget {
  readonly max: number;
  readonly maxBytes: number;
  current = 0;
  bytes = 0;
  peak = 0;
  /** Samples looked at, counting a range window in full at every step. */
  totalQueryable = 0;
  /** Samples looked at, each once. */
  read = 0;

  constructor(max: number, maxBytes = Infinity) {
    this.max = max;
    this.maxBytes = maxBytes;
  }

  /**
   * Counts samples in; throws once there are more than allowed. `bytes`: what holds them, where that is more or less
   * than the samples would need.
   */
  take(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.current += samples;
    this.bytes += bytes;
    if (this.current > this.peak) this.peak = this.current;
    if (this.current > this.max) throw new QueryError("too-many-samples", TOO_MANY);
    if (this.bytes > this.maxBytes) throw new QueryError("too-many-samples", tooManyBytes(this.maxBytes));
  }

  /** With the `bytes` that take() was called with. */
  release(samples: number, bytes = samples * SAMPLE_BYTES): void {
    this.current -= samples;
    this.bytes -= bytes;
  }
}

const tooManyBytes = (max: number): string =>
  `query processing would hold more than ${Math.floor(max / 1024 / 1024)} MiB in memory in query execution; raise --query.max-bytes or ask for fewer series or steps`;
