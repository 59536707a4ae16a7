import type { FloatHistogram } from "@narthex/model";

/**
 * Sample of a generated series at one time: a float, a histogram or a stale marker ("stale"). Undefined means that
 * there is no sample.
 */
export type Moment = number | FloatHistogram | "stale" | undefined;

/** A generated series: a function returns each sample by its number. */
export interface SeriesSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly stepMs: number;
  /** Delay in ms of sample `k` after its regular time. */
  readonly late?: (k: number) => number;
  readonly at: (k: number) => Moment;
}

/** Returns a pseudo-random number in [0, 1) that depends only on its arguments. */
export function noise(k: number, salt: number): number {
  const x = Math.sin(k * 12.9898 + salt * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}
