import type { Field } from "../frame/frame.ts";
import { isNumeric } from "../frame/frame.ts";
import { reduceTo } from "../reduce/reduce-field.ts";
import { colorByName, findColorMode, shadeOf } from "./color/color-mode.ts";
import { type ColorTheme, cssColor, FALLBACK_COLOR } from "./color/named-colors.ts";
import { type FieldRange, ownRange } from "./field-range.ts";
import { stepOf } from "./threshold.ts";

/** Properties that influence a field's colours and are not part of its settings. */
export interface ColorContext {
  readonly theme: ColorTheme;
  /** Index of the field among the series, from 0. */
  readonly seriesIndex?: number | undefined;
  /** Name of the series, for palettes that choose colours by name. If absent, the field's own name is used. */
  readonly seriesName?: string | undefined;
  /** Value range from which colours are computed. If absent, the field's own range is used. */
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
    // Position of the value in the range. A missing value (-Infinity) is at the start. For a range of length 0, NaN is
    // replaced by 0.
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
 * Returns the colour of a field that is drawn as a series. In colour modes by value, this is the colour of the value
 * that `seriesBy` selects (last, min or max).
 */
export function fieldColor(field: Field, context: ColorContext): string {
  const value = isNumeric(field) ? reduceTo(field, field.config.color?.seriesBy ?? "last") : 0;
  return valueScale(field, context)(typeof value === "number" ? value : 0).color;
}
