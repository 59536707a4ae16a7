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

/** What a query may hold in memory at a time, in samples. */
export class SampleBudget {
  readonly max: number;
  current = 0;
  peak = 0;
  /** Samples looked at, counting a range window in full at every step. */
  totalQueryable = 0;
  /** Samples looked at, each once. */
  read = 0;

  constructor(max: number) {
    this.max = max;
  }

  /** Counts samples in; throws once there are more than allowed. */
  take(samples: number): void {
    this.current += samples;
    if (this.current > this.peak) this.peak = this.current;
    if (this.current > this.max) throw new QueryError("too-many-samples", TOO_MANY);
  }

  release(samples: number): void {
    this.current -= samples;
  }
}
