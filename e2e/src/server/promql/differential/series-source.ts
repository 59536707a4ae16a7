import type { FloatHistogram } from "@narthex/model";

/** Sample of a series at one time; undefined: no sample, "stale": a stale marker. */
export type Moment = number | FloatHistogram | "stale" | undefined;

/** A series as a function of the sample's number. */
export interface SeriesSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly stepMs: number;
  /** Delay of sample `k` in ms. */
  readonly late?: (k: number) => number;
  readonly at: (k: number) => Moment;
}

/** A pseudo-random number in [0, 1) that depends only on its arguments. */
export function noise(k: number, salt: number): number {
  const x = Math.sin(k * 12.9898 + salt * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}
