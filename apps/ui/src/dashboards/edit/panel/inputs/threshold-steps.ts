import type { JsonObject } from "@narthex/dashboards";
import { entriesAt, isJsonObject, textOf } from "../panel-edit.ts";

/** A threshold and its colour. The base step has no value and applies below all other thresholds. */
export interface Step {
  readonly value: number | null;
  readonly color: string;
}

/** Colours for new steps. A new step gets the first unused colour. */
const NEXT = ["red", "orange", "yellow", "blue", "purple", "green"];

/** Default steps, for fields whose JSON contains no thresholds. */
const usual: readonly Step[] = [
  { value: null, color: "green" },
  { value: 80, color: "red" },
];

/** Returns the threshold steps in a panel's JSON, the base step first. */
export function stepsOf(value: unknown): readonly Step[] {
  if (!isJsonObject(value)) return usual;
  const steps = entriesAt(value, ["steps"]).map(({ json }): Step => {
    const at = Number(json["value"] ?? Number.NaN);
    return { value: Number.isFinite(at) ? at : null, color: textOf(json, "color") || "green" };
  });
  const [base = { value: null, color: "green" }, ...others] = steps;
  return [{ ...base, value: null }, ...others.map((step) => ({ ...step, value: step.value ?? 0 }))];
}

/** Returns the JSON of thresholds with the given steps, sorted by value. Other properties of the JSON stay. */
export function withSteps(value: unknown, steps: readonly Step[]): JsonObject {
  const [base, ...others] = steps;
  const sorted = others.toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0));
  const kept = isJsonObject(value) ? value : { mode: "absolute" };
  return { ...kept, steps: [...(base === undefined ? [] : [base]), ...sorted] };
}

/** Returns the threshold steps with one more step, whose value is 10 above the greatest value. */
export function withNextStep(steps: readonly Step[]): readonly Step[] {
  const greatest = steps.reduce<number | null>(
    (most, { value }) => (value === null ? most : Math.max(most ?? value, value)),
    null,
  );
  const taken = new Set(steps.map(({ color }) => color));
  const color = NEXT.find((one) => !taken.has(one)) ?? "red";
  return [...steps, { value: greatest === null ? 0 : greatest + 10, color }];
}
