import type { FloatHistogram } from "@narthex/model";

/** What a series has at one moment; undefined: no sample, "stale": the marker that it ended. */
export type Moment = number | FloatHistogram | "stale" | undefined;

/** A series as a function of the number of its sample. */
export interface SeriesSource {
  readonly labels: Readonly<Record<string, string>>;
  readonly stepMs: number;
  /** Milliseconds that sample `k` comes late. */
  readonly late?: (k: number) => number;
  readonly at: (k: number) => Moment;
}

/** A number in [0, 1) that looks random and depends on its arguments alone. */
export function noise(k: number, salt: number): number {
  const x = Math.sin(k * 12.9898 + salt * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}
