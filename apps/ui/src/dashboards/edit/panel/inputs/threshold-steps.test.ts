import { expect, test } from "vitest";
import { stepsOf, withNextStep, withSteps } from "./threshold-steps.ts";

test("steps start with the base, even if the first step of the JSON has a value", () => {
  expect(stepsOf(undefined)[0]).toEqual({ value: null, color: "green" });
  const odd = { steps: [{ color: "blue" }, { value: "7", color: "red" }, "nothing"] };
  expect(stepsOf(odd)).toEqual([
    { value: null, color: "blue" },
    { value: 7, color: "red" },
  ]);
});

test("steps are written in order, and other properties are kept", () => {
  const value = {
    mode: "percentage",
    "x-own": 1,
    steps: [
      { value: null, color: "green" },
      { value: 5, color: "red" },
    ],
  };
  const next = withNextStep(stepsOf(value));
  expect(next.at(-1)).toEqual({ value: 15, color: "orange" });
  expect(withSteps(value, next.with(1, { value: 50, color: "red" }))).toEqual({
    mode: "percentage",
    "x-own": 1,
    steps: [
      { value: null, color: "green" },
      { value: 15, color: "orange" },
      { value: 50, color: "red" },
    ],
  });
});
