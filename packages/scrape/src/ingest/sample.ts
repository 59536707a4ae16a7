import type { FloatHistogram } from "@narthex/model";

export interface Sample {
  timestamp: number;
  value: number;
  /** Start time of the sample's counter, ms since 1970; 0 if unknown. */
  start: number;
  histogram: FloatHistogram | undefined;
  /** True if the series was first seen in this scrape. */
  fresh: boolean;
  /** True if the series gets a stale marker when a later scrape does not contain it. */
  tracked: boolean;
}
