import type { Field } from "../frame/frame.ts";
import { isNumeric } from "../frame/frame.ts";
import { reduceTo } from "../reduce/reduce-field.ts";
import { colorByName, findColorMode, shadeOf } from "./color/color-mode.ts";
import { type ColorTheme, cssColor, FALLBACK_COLOR } from "./color/named-colors.ts";
import { type FieldRange, ownRange } from "./field-range.ts";
import { stepOf } from "./threshold.ts";

/** Properties outside of a field's settings that influence its colours. */
export interface ColorContext {
  readonly theme: ColorTheme;
  /** Index of the field among the series, from 0. */
  readonly seriesIndex?: number | undefined;
  /** Name of the field, for palettes that choose colours by name. Absent: the field's own name. */
  readonly seriesName?: string | undefined;
  /** Range of values from which colours are computed. Absent: the field's own range. */
  readonly range?: FieldRange | undefined;
}

/** The position of a value in the range of its field, and its colour. */
export interface ScaledValue {
  /** Position of the value: 0 at the field's min, 1 at its max. */
  readonly percent: number;
  readonly color: string;
}

/** Returns a function that computes the colour of a value. Callers should use one function for a whole column. */
export function valueScale(field: Field, context: ColorContext): (value: number) => ScaledValue {
  if (field.type === "boolean") return booleanScale(field, context.theme);
  const colorOf = colorChooser(field, context);
  const { min, max } = context.range ?? ownRange(field);
  return (value) => {
    // Places a missing value at the start of the range. Replaces NaN by 0 for a range of length 0.
    const percent = value === -Infinity ? 0 : (value - min) / (max - min) || 0;
    return { percent, color: colorOf(value, percent) };
  };
}

function booleanScale({ config }: Field, theme: ColorTheme): (value: number) => ScaledValue {
  const mode = findColorMode(config.color?.mode);
  const colors = mode.scale === undefined ? [] : mode.colors(theme);
  const yes = { percent: 1, color: colors.at(-1) ?? cssColor("green", theme) };
  const no = { percent: 0, color: colors[0] ?? cssColor("red", theme) };
  return (value) => (value === 0 || Number.isNaN(value) ? no : yes);
}

function colorChooser(field: Field, context: ColorContext): (value: number, percent: number) => string {
  const { color } = field.config;
  const { theme, seriesIndex = 0 } = context;
  const mode = findColorMode(color?.mode);
  const scale = mode.scale?.(theme);
  if (scale !== undefined) return (_, percent) => scale(percent);
  if (mode.by === "value") {
    return (value, percent) => cssColor(stepOf(field.config, value, percent)?.color ?? FALLBACK_COLOR, theme);
  }
  const fixed = seriesColor();
  return () => fixed;

  function seriesColor(): string {
    if (mode.by === "fixed") {
      return mode.id === "shades" ? shadeOf(color?.fixedColor, seriesIndex, theme) : cssColor(color?.fixedColor, theme);
    }
    const colors = mode.colors(theme);
    return mode.isByName === true
      ? colorByName(colors, context.seriesName ?? field.name)
      : colors[seriesIndex % colors.length]!;
  }
}

/**
 * Returns the colour of a field that is drawn as a series. In colour modes by value, it is the colour of the value that
 * `seriesBy` names.
 */
export function fieldColor(field: Field, context: ColorContext): string {
  const value = isNumeric(field) ? reduceTo(field, field.config.color?.seriesBy ?? "last") : 0;
  return valueScale(field, context)(typeof value === "number" ? value : 0).color;
}
