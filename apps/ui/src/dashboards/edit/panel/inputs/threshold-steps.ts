import type { JsonObject } from "@narthex/dashboards";
import { entriesAt, isJsonObject, textOf } from "../panel-edit.ts";

/** A step as the form has it; the base, where the colours begin, has no value. */
export interface Step {
  readonly value: number | null;
  readonly color: string;
}

/** Colours that further steps take in turn. */
const NEXT = ["red", "orange", "yellow", "blue", "purple", "green"];

/** What fields have that say nothing of thresholds. */
const usual: readonly Step[] = [
  { value: null, color: "green" },
  { value: 80, color: "red" },
];

/** The steps of a value of JSON, the base first. */
export function stepsOf(value: unknown): readonly Step[] {
  if (!isJsonObject(value)) return usual;
  const steps = entriesAt(value, ["steps"]).map(({ json }): Step => {
    const at = Number(json["value"] ?? Number.NaN);
    return { value: Number.isFinite(at) ? at : null, color: textOf(json, "color") || "green" };
  });
  const [base = { value: null, color: "green" }, ...others] = steps;
  return [{ ...base, value: null }, ...others.map((step) => ({ ...step, value: step.value ?? 0 }))];
}

/** Thresholds with other steps, in their order; what else the JSON says of them stays. */
export function withSteps(value: unknown, steps: readonly Step[]): JsonObject {
  const [base, ...others] = steps;
  const sorted = others.toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0));
  const kept = isJsonObject(value) ? value : { mode: "absolute" };
  return { ...kept, steps: [...(base === undefined ? [] : [base]), ...sorted] };
}

/** Steps with one more, above the greatest. */
export function withNextStep(steps: readonly Step[]): readonly Step[] {
  const greatest = steps.reduce<number | null>(
    (most, { value }) => (value === null ? most : Math.max(most ?? value, value)),
    null,
  );
  const taken = new Set(steps.map(({ color }) => color));
  const color = NEXT.find((one) => !taken.has(one)) ?? "red";
  return [...steps, { value: greatest === null ? 0 : greatest + 10, color }];
}
