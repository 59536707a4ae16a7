import type { FloatHistogram } from "@narthex/model";
import type { SeriesRow } from "../memory/series-rows.ts";

/** An out-of-order sample of a commit; a float is given as two words. */
export interface OutOfOrderSample {
  readonly row: SeriesRow;
  readonly ref: number;
  readonly time: number;
  readonly high: number;
  readonly low: number;
  /** Start time of its counter, ms; 0 unknown. */
  readonly start: number;
  readonly histogram: FloatHistogram | undefined;
}

/** Numbers of a commit's out-of-order samples that were new. */
export interface OutOfOrderCounts {
  readonly floats: number;
  readonly histograms: number;
}
