import { expect, test } from "vitest";
import { activeStep, stepOf } from "./threshold.ts";

const steps = [
  { value: -Infinity, color: "green" },
  { value: 50, color: "yellow" },
  { value: 80, color: "red" },
];

test("activeStep() is the last step that a value has reached, or the first step for lower values", () => {
  const colorOf = (value: number): string | undefined => activeStep({ mode: "absolute", steps }, value)?.color;
  expect([-1e9, 49.9, 50, 80, NaN].map(colorOf)).toEqual(["green", "green", "yellow", "red", "green"]);
  expect(activeStep({ mode: "absolute", steps: steps.slice(1) }, 0)?.color).toBe("yellow");
  expect(activeStep({ mode: "absolute", steps: [] }, 0)).toBeUndefined();
});

test("stepOf() compares the value's share of the range if the steps are percentages", () => {
  expect(stepOf({ thresholds: { mode: "percentage", steps } }, 3, 0.9)?.color).toBe("red");
  expect(stepOf({ thresholds: { mode: "absolute", steps } }, 3, 0.9)?.color).toBe("green");
});
