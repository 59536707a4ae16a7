import type { FloatHistogram } from "@narthex/model";
import type { SeriesRow } from "../memory/series-rows.ts";

/** A sample of a commit that came out of order; a float is given as two words. */
export interface OutOfOrderSample {
  readonly row: SeriesRow;
  readonly ref: number;
  readonly time: number;
  readonly high: number;
  readonly low: number;
  /** When its counter began, ms; 0 unknown. */
  readonly start: number;
  readonly histogram: FloatHistogram | undefined;
}

/** How many of a commit's out-of-order samples were new. */
export interface OutOfOrderCounts {
  readonly floats: number;
  readonly histograms: number;
}
