import { type FieldConfig, formatValue, joinFormatted, type Panel, type Thresholds } from "@narthex/dashboards";

/** A threshold in the unit of the data. */
export interface RuleThreshold {
  readonly value: number;
  readonly color: string;
  /** As the panel writes it. */
  readonly text: string;
}

/** What a panel says of the values of one of its queries. */
export interface RuleThresholds {
  readonly unit: string;
  readonly thresholds: readonly RuleThreshold[];
  /** Whether what is bad lies above the thresholds, as far as the colours say. */
  readonly isAbove: boolean;
  /** Its thresholds are shares of a range that nobody has set. */
  readonly isRangeUnknown: boolean;
}

/** Ranges that units have by themselves. */
const UNIT_RANGES: Readonly<Record<string, readonly [number, number]>> = { percent: [0, 100], percentunit: [0, 1] };

/** A panel's settings, with those that overrides set for a query's answers. */
function configOf({ fieldConfig: { defaults, overrides } }: Panel, refId: string): FieldConfig {
  const config: Record<string, unknown> = { ...defaults };
  for (const { matcher, properties } of overrides) {
    if (matcher.id !== "byFrameRefID" || matcher.options !== refId) continue;
    for (const { id, value } of properties)
      if (id === "thresholds" || id === "unit" || id === "min" || id === "max") config[id] = value ?? undefined;
  }
  return config;
}

/** Steps in the unit of the data; undefined where they are shares of what is not known. */
function absolute({ mode, steps }: Thresholds, config: FieldConfig): Thresholds["steps"] | undefined {
  if (mode !== "percentage") return steps;
  const [least, most] = (Object.hasOwn(UNIT_RANGES, config.unit ?? "") && UNIT_RANGES[config.unit!]) || [];
  const min = config.min ?? least;
  const max = config.max ?? most;
  if (min === undefined || max === undefined) return undefined;
  return steps.map((step) => ({ ...step, value: min + ((max - min) * step.value) / 100 }));
}

const isRed = (color: string | undefined): boolean => /red|^#?(?:f2495c|e02f44|c4162a)$/i.test(color ?? "");

/** The thresholds of a panel for what one of its queries gives. */
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

/** Whether a threshold's colour says that it is the worst. */
export const isCritical = (color: string): boolean => isRed(color);

/** An alert's name made of a title: `CPU busy` becomes `CPUBusyHigh`. */
export function alertName(title: string, isAbove: boolean): string {
  const words = title.match(/[\p{L}\p{N}]+/gu) ?? ["Threshold"];
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return `${name}${isAbove ? "High" : "Low"}`;
}
