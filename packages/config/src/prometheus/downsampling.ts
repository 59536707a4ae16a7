import type { Position } from "../problem.ts";

/** Time that samples are kept at each resolution, ms: 0 = for ever, undefined = not at all. */
export interface DownsampledRetention {
  readonly fiveMinutesMs: number | undefined;
  readonly oneHourMs: number | undefined;
}

/** An entry of `downsampling`. */
export interface DownsamplingConfig {
  /** A selector as written; "" for all series. */
  readonly match: string;
  readonly retention: DownsampledRetention;
  readonly position: Position;
}
