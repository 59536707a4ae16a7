import { findColorMode } from "@narthex/dashboards";
import { type ReducedValue, shareOf } from "../values/reduced-values.ts";

/** A coloured part of the threshold band. Its start and end are shares of the value range, 0 to 1. */
export interface BandPart {
  readonly from: number;
  readonly to: number;
  /** CSS colour. */
  readonly color: string;
}

/** Number of parts that approximate a continuous colour scale. */
const SLICES = 40;
/** Maximum number of threshold steps that are drawn, because more steps could not be distinguished. */
const MAX_STEPS = 100;

/**
 * Returns the threshold steps of a value's field, with their positions as shares of the range. A step outside the range
 * is moved to its nearest end.
 */
function steps({
  field,
  range,
}: ReducedValue): { readonly at: number; readonly value: number; readonly color: string }[] {
  const { thresholds } = field.config;
  if (!Array.isArray(thresholds?.steps)) return [];
  const span = range.max - range.min;
  return thresholds.steps.slice(0, MAX_STEPS).map((step) => {
    const given = (step.value as number | null) ?? -Infinity;
    const value = thresholds.mode === "percentage" ? range.min + (span * given) / 100 : given;
    return { at: value === -Infinity ? 0 : shareOf(value, range), value, color: step.color };
  });
}

/** Returns the parts of the coloured band around a gauge, from the field's thresholds or its colour scale. */
export function bandOf(value: ReducedValue, cssColor: (color: string) => string): readonly BandPart[] {
  const { range, field, colorOf } = value;
  if (!(range.max > range.min)) return [];
  if (findColorMode(field.config.color?.mode).scale !== undefined) {
    return Array.from({ length: SLICES }, (_, at) => ({
      from: at / SLICES,
      to: (at + 1) / SLICES,
      color: colorOf(range.min + ((range.max - range.min) * (at + 0.5)) / SLICES),
    }));
  }
  const all = steps(value);
  return all
    .map(({ at, color }, index) => ({
      from: index === 0 ? 0 : at,
      to: all[index + 1]?.at ?? 1,
      color: cssColor(color),
    }))
    .filter(({ from, to }) => to > from);
}

export interface ThresholdLabel {
  readonly at: number;
  readonly text: string;
}

/** Returns the labels for the minimum, the maximum, and the threshold steps between them. */
export function labelsOf(value: ReducedValue): readonly ThresholdLabel[] {
  const { range, textOf } = value;
  if (!(range.max > range.min)) return [];
  const between = steps(value).filter(({ value: own }) => own > range.min && own < range.max);
  return [
    { at: 0, text: textOf(range.min) },
    ...between.map(({ at, value: own }) => ({ at, text: textOf(own) })),
    { at: 1, text: textOf(range.max) },
  ];
}
