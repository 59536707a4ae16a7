import { shortNumber } from "./short-number.ts";
import { formatTicks } from "./si-number.ts";

/** The way in which values are written. */
export interface ValueFormat {
  readonly value: (value: number) => string;
  /** Formats the labels of an axis. */
  readonly ticks: (ticks: readonly number[]) => string[];
}

/** Numbers without a unit. */
export const plainFormat: ValueFormat = { value: shortNumber, ticks: formatTicks };
