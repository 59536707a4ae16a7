import type { FloatHistogram } from "@narthex/model";

/** A sample on its way to the appender. */
export interface Sample {
  timestamp: number;
  value: number;
  /** When its counter began; 0 unknown. */
  start: number;
  histogram: FloatHistogram | undefined;
  /** First seen in this scrape. */
  fresh: boolean;
  /** The series gets a stale marker once a scrape lacks it. */
  tracked: boolean;
}
