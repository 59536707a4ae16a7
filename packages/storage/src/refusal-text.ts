import { formatFloat } from "@narthex/model";
import { OUTCOME_DUPLICATE, OUTCOME_OUT_OF_BOUNDS, OUTCOME_OUT_OF_ORDER, OUTCOME_TOO_OLD } from "./outcome.ts";

/** A sample that a storage has refused, with the data for the error message. */
export interface RefusedSample {
  /** Time of the sample, ms since 1970. */
  readonly timestamp: number;
  /** Value of the sample, or undefined for a histogram. */
  readonly value?: number;
  /** Value of the newest sample of the series; undefined if that sample is a histogram. */
  readonly existing: number | undefined;
}

/**
 * Returns Prometheus' error text for a refused sample, if its sender is at fault. Undefined for other results of a
 * storage.
 * @param hasOutOfOrderWindow whether the storage accepts samples that are out of order, up to an age
 */
export function refusalText(outcome: number, sample: RefusedSample, hasOutOfOrderWindow: boolean): string | undefined {
  if (outcome === OUTCOME_OUT_OF_ORDER) return "out of order sample";
  if (outcome === OUTCOME_TOO_OLD) return hasOutOfOrderWindow ? "too old sample" : "out of bounds";
  if (outcome === OUTCOME_OUT_OF_BOUNDS) return "out of bounds: timestamp is too far in the future";
  return outcome === OUTCOME_DUPLICATE ? duplicateText(sample) : undefined;
}

function duplicateText({ timestamp, value, existing }: RefusedSample): string {
  if (value === undefined) return "duplicate sample for timestamp";
  const was = existing === undefined ? "is a histogram" : formatFloat(existing);
  return (
    `duplicate sample for timestamp ${timestamp}; overrides not allowed: ` +
    `existing ${was}, new value ${formatFloat(value)}`
  );
}
