import type { FieldConfig, Thresholds } from "../model/field-config.ts";

/**
 * Returns the threshold step that applies to a number: the last step whose value is not above it, or the first step.
 */
export function activeStep(thresholds: Thresholds | undefined, value: number): Thresholds["steps"][number] | undefined {
  const steps: Thresholds["steps"] | undefined = thresholds?.steps;
  if (!Array.isArray(steps)) return undefined;
  let active = steps[0];
  for (const step of steps) {
    // Treats null as -Infinity, which JSON cannot represent.
    if (!(value >= ((step.value as number | null) ?? -Infinity))) break;
    active = step;
  }
  return active;
}

/**
 * Returns the threshold step that applies to a value, as `activeStep` does. Steps that are percentages are compared
 * with the value's position in the field's range.
 */
export const stepOf = (
  { thresholds }: FieldConfig,
  value: number,
  share: number,
): Thresholds["steps"][number] | undefined =>
  activeStep(thresholds, thresholds?.mode === "percentage" ? share * 100 : value);
