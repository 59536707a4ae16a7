import type { FieldConfig, Thresholds } from "../model/field-config.ts";

/** The step that a number has reached: the last whose value is not above it, at least the first. */
export function activeStep(thresholds: Thresholds | undefined, value: number): Thresholds["steps"][number] | undefined {
  const steps: Thresholds["steps"] | undefined = thresholds?.steps;
  if (!Array.isArray(steps)) return undefined;
  let active = steps[0];
  for (const step of steps) {
    // JSON has no -Infinity and writes null.
    if (!(value >= ((step.value as number | null) ?? -Infinity))) break;
    active = step;
  }
  return active;
}

/** The same, by a value's share of the field's range where steps are percentages. */
export const stepOf = (
  { thresholds }: FieldConfig,
  value: number,
  share: number,
): Thresholds["steps"][number] | undefined =>
  activeStep(thresholds, thresholds?.mode === "percentage" ? share * 100 : value);
