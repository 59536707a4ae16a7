import type { FieldConfig, Thresholds } from "../model/field-config.ts";

/** Returns the step that a number has reached: the last step whose value is not above it, or the first step. */
export function activeStep(thresholds: Thresholds | undefined, value: number): Thresholds["steps"][number] | undefined {
  const steps: Thresholds["steps"] | undefined = thresholds?.steps;
  if (!Array.isArray(steps)) return undefined;
  let active = steps[0];
  for (const step of steps) {
    // JSON cannot hold -Infinity; it is stored as null.
    if (!(value >= ((step.value as number | null) ?? -Infinity))) break;
    active = step;
  }
  return active;
}

/**
 * Returns the step that a value has reached, as `activeStep` does. If the steps are percentages, compares the value's
 * share of the field's range with them.
 */
export const stepOf = (
  { thresholds }: FieldConfig,
  value: number,
  share: number,
): Thresholds["steps"][number] | undefined =>
  activeStep(thresholds, thresholds?.mode === "percentage" ? share * 100 : value);
