import type { FloatHistogram } from "@narthex/model";
import type { SeriesRow } from "../memory/series-rows.ts";

/** An out-of-order sample of a commit. A float value is given as two words, `high` and `low`. */
export interface OutOfOrderSample {
  readonly row: SeriesRow;
  readonly ref: number;
  readonly time: number;
  readonly high: number;
  readonly low: number;
  /** Start time of the counter, ms; 0 if unknown. */
  readonly start: number;
  readonly histogram: FloatHistogram | undefined;
}

/** Numbers of out-of-order samples of a commit, without duplicates. */
export interface OutOfOrderCounts {
  readonly floats: number;
  readonly histograms: number;
}
