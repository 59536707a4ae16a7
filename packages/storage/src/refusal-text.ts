import { type FloatHistogram, formatFloat, histogramProblem } from "@narthex/model";
import type { Appender, SeriesRef } from "./appender.ts";
import {
  OUTCOME_DUPLICATE,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_TOO_OLD,
} from "./outcome.ts";

/** A sample that a storage has refused. */
export interface RefusedSample {
  readonly ref: SeriesRef;
  /** Time of the sample, ms since 1970. */
  readonly timestamp: number;
  /** The float or the histogram of the sample. Absent if only the time was checked. */
  readonly value?: number | FloatHistogram;
}

/**
 * Returns Prometheus' error text for a refused sample, if its sender is at fault. Undefined for other results of a
 * storage.
 * @param hasOutOfOrderWindow whether the storage accepts samples that are out of order, up to an age
 */
export function refusalText(
  outcome: number,
  sample: RefusedSample,
  appender: Pick<Appender, "newestFloat">,
  hasOutOfOrderWindow: boolean,
): string | undefined {
  if (outcome === OUTCOME_OUT_OF_ORDER) return "out of order sample";
  if (outcome === OUTCOME_TOO_OLD) return hasOutOfOrderWindow ? "too old sample" : "out of bounds";
  if (outcome === OUTCOME_OUT_OF_BOUNDS) return "out of bounds: timestamp is too far in the future";
  if (outcome === OUTCOME_DUPLICATE) return duplicateText(sample, appender);
  const { value } = sample;
  return outcome === OUTCOME_INVALID_HISTOGRAM && typeof value === "object" ? histogramProblem(value) : undefined;
}

function duplicateText({ ref, timestamp, value }: RefusedSample, appender: Pick<Appender, "newestFloat">): string {
  if (typeof value !== "number") return "duplicate sample for timestamp";
  const existing = appender.newestFloat?.(ref);
  const was = existing === undefined ? "is a histogram" : formatFloat(existing);
  return (
    `duplicate sample for timestamp ${timestamp}; overrides not allowed: ` +
    `existing ${was}, new value ${formatFloat(value)}`
  );
}
