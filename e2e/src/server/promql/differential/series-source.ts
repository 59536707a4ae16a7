import type { FloatHistogram } from "@narthex/model";

/** Sample of a series at one time. undefined means no sample, "stale" a stale marker. */
export type Moment = number | FloatHistogram | "stale" | undefined;

/** A series whose samples are a function of their numbers. */
export interface SeriesSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly stepMs: number;
  /** Returns how many ms sample `k` is after its regular time. */
  readonly late?: (k: number) => number;
  readonly at: (k: number) => Moment;
}

/** A pseudo-random number in [0, 1) that depends only on its arguments. */
export function noise(k: number, salt: number): number {
  const x = Math.sin(k * 12.9898 + salt * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}
