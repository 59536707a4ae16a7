import { formatValue, joinFormatted, tickSteps, tickTexts } from "@narthex/dashboards";

/** A value axis: its range and its labels, which are in ascending order. */
export interface ValueAxis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/** Larger values would overflow when the range is computed. */
const LARGEST = 1e300;
const PAD = 0.08;
const MOST_TICKS = 24;

/** Reports whether a value has a place on an axis: neither infinite nor NaN. */
export const isPlottable = (value: number): boolean => Math.abs(value) <= LARGEST;

export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

interface AxisLimits {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly decimals?: number | undefined;
}

const plottable = (value: number | undefined): number | undefined =>
  value !== undefined && isPlottable(value) ? value : undefined;

/**
 * Returns a value axis that contains a range, with some space at its ends. The axis begins at zero if the values are
 * near zero, compared with their range.
 * @param room length of the axis, pixels
 */
export function valueAxis(range: ValueRange, room: number, unit: string, limits: AxisLimits = {}): ValueAxis {
  const { low, high } = limitedRange(range, limits);
  const step = stepFor((high - low) / Math.max(2, Math.min(MOST_TICKS, room / 36)), tickSteps(unit));
  const values: number[] = [];
  const first = Math.ceil(low / step);
  for (let i = 0; i <= MOST_TICKS && (first + i) * step <= high + step * 1e-9; i++) values.push((first + i) * step);
  const format = (value: number, decimals?: number): string =>
    joinFormatted(formatValue(unit, value, limits.decimals ?? decimals));
  const texts = limits.decimals === undefined ? tickTexts(values, format) : values.map((value) => format(value));
  return { low, high, ticks: values.map((value, i) => ({ value, text: texts[i]! })) };
}

function limitedRange({ low, high }: ValueRange, { min, max }: AxisLimits): ValueRange {
  const limits = { min: plottable(min), max: plottable(max) };
  const isEmpty = !(low <= high);
  const from = limits.min ?? (isEmpty ? 0 : low);
  const to = limits.max ?? (isEmpty ? 1 : high);
  const span = Math.abs(to - from);
  const pad = span > 0 ? span * PAD : Math.abs(from) * PAD || 1;
  const isNearZero = from >= 0 && from <= span;
  const isNearZeroBelow = to <= 0 && -to <= span;
  const bottom = limits.min ?? (isNearZero ? 0 : from - pad);
  const top = limits.max ?? (isNearZeroBelow ? 0 : to + pad);
  return top > bottom ? { low: bottom, high: top } : { low: bottom, high: bottom + (Math.abs(bottom) * PAD || 1) };
}

/** Returns the next suitable distance between labels that is at least `distance`. */
function stepFor(distance: number, steps: readonly number[] | undefined): number {
  const listed = steps?.find((step) => step >= distance);
  if (listed !== undefined) return listed;
  const power = 10 ** Math.floor(Math.log10(distance));
  const digit = [1, 2, 5, 10].find((one) => one * power >= distance * (1 - 1e-9)) ?? 10;
  return digit * power;
}
