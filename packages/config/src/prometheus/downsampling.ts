import type { Position } from "../problem.ts";

/**
 * Retention time of samples for each resolution, in ms. 0 means forever, and undefined means that the resolution is not
 * stored.
 */
export interface DownsampledRetention {
  readonly fiveMinutesMs: number | undefined;
  readonly oneHourMs: number | undefined;
}

export interface DownsamplingConfig {
  /** Selector of the series as written; "" selects all series. */
  readonly match: string;
  readonly retention: DownsampledRetention;
  readonly position: Position;
}
