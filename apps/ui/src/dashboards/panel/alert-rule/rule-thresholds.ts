import { type FieldConfig, formatValue, joinFormatted, type Panel, type Thresholds } from "@narthex/dashboards";

interface RuleThreshold {
  readonly value: number;
  readonly color: string;
  /** The threshold as text, formatted as in the panel. */
  readonly text: string;
}

/** Unit and thresholds of a panel's field settings for the results of one query. */
export interface RuleThresholds {
  readonly unit: string;
  readonly thresholds: readonly RuleThreshold[];
  /** Whether values above the thresholds are bad, which follows from the colours of the thresholds. */
  readonly isAbove: boolean;
  /** Whether the thresholds are percentages of an unknown value range and therefore not usable. */
  readonly isRangeUnknown: boolean;
}

/** Value ranges of units, used if the field settings contain no range. */
const UNIT_RANGES: Readonly<Record<string, readonly [number, number]>> = { percent: [0, 100], percentunit: [0, 1] };

/** Returns a panel's field settings for the results of one query, after overrides. */
function configOf({ fieldConfig: { defaults, overrides } }: Panel, refId: string): FieldConfig {
  const config: Record<string, unknown> = { ...defaults };
  for (const { matcher, properties } of overrides) {
    if (matcher.id !== "byFrameRefID" || matcher.options !== refId) continue;
    for (const { id, value } of properties)
      if (id === "thresholds" || id === "unit" || id === "min" || id === "max") config[id] = value ?? undefined;
  }
  return config;
}

/** Converts percentage thresholds to absolute values. Returns undefined if the value range is unknown. */
function absolute({ mode, steps }: Thresholds, config: FieldConfig): Thresholds["steps"] | undefined {
  if (mode !== "percentage") return steps;
  const [least, most] = (Object.hasOwn(UNIT_RANGES, config.unit ?? "") && UNIT_RANGES[config.unit!]) || [];
  const min = config.min ?? least;
  const max = config.max ?? most;
  if (min === undefined || max === undefined) return undefined;
  return steps.map((step) => ({ ...step, value: min + ((max - min) * step.value) / 100 }));
}

const isRed = (color: string | undefined): boolean => /red|^#?(?:f2495c|e02f44|c4162a)$/i.test(color ?? "");

export function ruleThresholds(panel: Panel, refId: string): RuleThresholds {
  const config = configOf(panel, refId);
  const unit = config.unit ?? "";
  const own = config.thresholds;
  const steps = own === undefined || !Array.isArray(own.steps) ? [] : absolute(own, config);
  const isFinite = (step: Thresholds["steps"][number]): boolean => Number.isFinite(step.value);
  return {
    unit,
    thresholds: (steps ?? []).filter(isFinite).map(({ value, color }) => ({
      value,
      color,
      text: joinFormatted(formatValue(unit, value)).trim(),
    })),
    isAbove: !(isRed(own?.steps[0]?.color) && !isRed(own?.steps.at(-1)?.color)),
    isRangeUnknown: steps === undefined,
  };
}

/** Reports whether a threshold's colour is red, which means critical. */
export const isCritical = (color: string): boolean => isRed(color);

/** Generates the name of an alert from a panel title: `CPU busy` becomes `CPUBusyHigh`. */
export function alertName(title: string, isAbove: boolean): string {
  const words = title.match(/[\p{L}\p{N}]+/gu) ?? ["Threshold"];
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return `${name}${isAbove ? "High" : "Low"}`;
}
