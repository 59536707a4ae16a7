import { type Field, type Frame, isNumeric, type NumericField, timeFieldOf } from "@narthex/dashboards";
import { type AlignedSeries, alignSeries } from "../../plot/aligned-series.ts";
import type { PlotProblem } from "../../plot/planned-panel.tsx";

/** The vertical axis of a heatmap: either named rows of height 1, or a value scale. */
export type HeatAxis =
  | {
      readonly kind: "rows";
      readonly names: readonly string[];
      /** Meaning of the row names: `le` for upper bounds, `ge` for lower bounds, `unknown` for other texts. */
      readonly edge: "le" | "ge" | "unknown";
    }
  | {
      readonly kind: "values";
      readonly distribution: "linear" | "log" | "symlog";
      readonly base: 2 | 10;
      /** Only for `symlog`: the axis is linear from zero to this value and logarithmic beyond it. */
      readonly threshold: number;
      /** The field with the values of the axis. The axis shows its unit. */
      readonly field: Field;
    };

/** The cells of a heatmap, sorted by time and then from bottom to top. */
export interface HeatCells {
  readonly length: number;
  /** Start and end times of the cells, epoch ms. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Lower and upper bounds of the cells on the vertical axis. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly counts: Float64Array;
  readonly axis: HeatAxis;
}

/** Maximum number of cells. No screen could show more. */
const MAX_CELLS = 2_000_000;

const tooMany = (count: number): PlotProblem => ({
  problem: `The heatmap would have ${count} cells, more than ${MAX_CELLS}. Request fewer series or a longer step.`,
});

/** Reports whether a frame contains exemplars, which a heatmap draws as marks. */
export const isExemplars = ({ name, meta }: Frame): boolean =>
  name === "exemplar" || meta?.custom?.["resultType"] === "exemplar";

/**
 * Returns the cells of frames. A frame of type `heatmap-cells` contains cells. In other frames each number column
 * becomes a row of cells.
 */
export function heatCells(
  frames: readonly Frame[],
  edge: "auto" | "le" | "ge" | "unknown",
  nameOf: (field: Field, frame: Frame) => string,
): HeatCells | PlotProblem {
  const shown = frames.filter((frame) => !isExemplars(frame) && frame.length > 0);
  const cells = shown.filter(({ meta }) => meta?.type === "heatmap-cells");
  if (cells.length > 0) return mergedCells(cells.map(cellsOf));
  return cellsOfRows(shown, edge, nameOf);
}

/**
 * Returns the step of a time column, ms: the interval that the data source reports, otherwise the smallest distance
 * between two times.
 */
function stepOf({ values, config }: NumericField, times: Float64Array = values): number {
  if (config.interval !== undefined && config.interval > 0) return config.interval;
  return minDistance(times) ?? 1000;
}

/**
 * Returns the smallest distance between any two different values; undefined if all values are equal. The values need
 * not be sorted.
 */
function minDistance(values: Float64Array): number | undefined {
  const sorted = values.toSorted();
  let least = Infinity;
  for (let at = 1; at < sorted.length; at++) {
    const distance = sorted[at]! - sorted[at - 1]!;
    if (distance > 0 && distance < least) least = distance;
  }
  return least === Infinity ? undefined : least;
}

interface Row {
  readonly name: string;
  readonly members: AlignedSeries[];
}

function cellsOfRows(
  frames: readonly Frame[],
  edge: "auto" | "le" | "ge" | "unknown",
  nameOf: (field: Field, frame: Frame) => string,
): HeatCells | PlotProblem {
  const { times, series } = alignSeries(frames);
  const first = frames.map(timeFieldOf).find((field) => field !== undefined);
  if (first === undefined || series.length === 0)
    return { problem: "A heatmap needs a time field and a number field." };
  const areBuckets = frames.every(({ meta }) => meta?.type === "heatmap-rows");
  const rows = rowsOf(series, areBuckets, nameOf);
  const length = times.length * rows.length;
  if (length > MAX_CELLS) return tooMany(length);
  const step = stepOf(first, times);
  const cells = emptyCells(length);
  let at = 0;
  for (let column = 0; column < times.length; column++) {
    for (let row = 0; row < rows.length; row++) {
      const count = sumAt(rows[row]!.members, column);
      if (count !== count) continue;
      cells.starts[at] = times[column]! - step;
      cells.ends[at] = times[column]!;
      cells.lows[at] = row;
      cells.highs[at] = row + 1;
      cells.counts[at++] = count;
    }
  }
  const names = rows.map(({ name }) => name);
  return {
    ...cells,
    length: at,
    axis: { kind: "rows", names, edge: edge === "auto" ? edgeOf(names, series) : edge },
  };
}

/**
 * Converts series to rows of a heatmap. Buckets with the same bound are added to one row; other series have a row of
 * their own.
 */
function rowsOf(
  series: readonly AlignedSeries[],
  areBuckets: boolean,
  nameOf: (field: Field, frame: Frame) => string,
): readonly Row[] {
  if (!areBuckets) return series.map((one) => ({ name: nameOf(one.field, one.frame), members: [one] }));
  const rows = new Map<string, Row>();
  for (const one of series) {
    const { name } = one.field;
    const row = rows.get(name);
    if (row === undefined) rows.set(name, { name, members: [one] });
    else row.members.push(one);
  }
  const all = [...rows.values()];
  return all.every(({ name }) => !Number.isNaN(boundOf(name)))
    ? all.toSorted((a, b) => Math.sign(boundOf(a.name) - boundOf(b.name)) || 0)
    : all;
}

/** Parses a row name as a bucket bound. Returns NaN if it is not a number. */
export function boundOf(name: string): number {
  const text = name.trim().toLowerCase();
  if (text === "+inf" || text === "inf") return Infinity;
  if (text === "-inf") return -Infinity;
  return text === "" ? NaN : Number(text);
}

function edgeOf(names: readonly string[], series: readonly AlignedSeries[]): "le" | "ge" | "unknown" {
  const has = (label: string): boolean =>
    series.every(({ field }) => field.labels !== undefined && Object.hasOwn(field.labels, label));
  if (has("le") || names.at(-1)?.toLowerCase() === "+inf") return "le";
  return has("ge") || names[0]?.toLowerCase() === "-inf" ? "ge" : "unknown";
}

/** Returns the sum of several series at one time; NaN if no series has a value. */
function sumAt(members: readonly AlignedSeries[], column: number): number {
  let sum = NaN;
  for (const { values, gaps } of members) {
    const value = values[column]!;
    if ((gaps?.[column] ?? 0) !== 0 || value !== value) continue;
    sum = sum === sum ? sum + value : value;
  }
  return sum;
}

const emptyCells = (length: number) => ({
  starts: new Float64Array(length),
  ends: new Float64Array(length),
  lows: new Float64Array(length),
  highs: new Float64Array(length),
  counts: new Float64Array(length),
});

const COUNTS: ReadonlySet<string> = new Set(["count", "value"]);

/**
 * Reads a frame with one row for each cell. The columns are `xMin` or `xMax`, `yMin` or `yMax` or both, and a count.
 */
function cellsOf(frame: Frame): HeatCells | PlotProblem {
  const numbers = frame.fields.filter(isNumeric);
  const find = (...names: readonly string[]) => numbers.find(({ name }) => names.includes(name.toLowerCase()));
  const [xMin, xMax] = [find("xmin"), find("xmax")];
  const x = xMin ?? xMax ?? timeFieldOf(frame);
  const [yMin, yMax] = [find("ymin"), find("ymax")];
  const y = yMin ?? yMax ?? find("y") ?? numbers.find((field) => field !== x);
  const count = numbers.find(({ name }) => COUNTS.has(name.toLowerCase())) ?? numbers.at(-1);
  if (x === undefined || y === undefined || count === undefined || count === y)
    return {
      problem: "The frame of cells lacks times, bounds or counts: it needs xMin or xMax, yMin or yMax, and Count.",
    };
  const { length } = frame;
  if (length > MAX_CELLS) return tooMany(length);
  const axis = axisOf(y, yMin !== undefined && yMax !== undefined ? [yMin.values, yMax.values] : undefined);
  const sizes = sizesOf(x, xMin, xMax, y, yMin, yMax, axis);
  const cells = emptyCells(length);
  for (let at = 0; at < length; at++) {
    cells.starts[at] = sizes.start(at);
    cells.ends[at] = sizes.end(at);
    cells.lows[at] = sizes.low(at);
    cells.highs[at] = sizes.high(at);
    cells.counts[at] = count.nulls?.[at] === 1 ? NaN : count.values[at]!;
  }
  return { ...cells, length, axis };
}

type ValueAxis = Extract<HeatAxis, { kind: "values" }>;

/**
 * Returns the vertical axis for cells. For native histograms it is logarithmic, or symlog if there are negative
 * buckets.
 */
function axisOf(field: NumericField, bounds: readonly [Float64Array, Float64Array] | undefined): ValueAxis {
  const scale = (field.config.custom?.["scaleDistribution"] ?? {}) as {
    readonly type?: unknown;
    readonly log?: unknown;
  };
  const base = scale.log === 10 ? 10 : 2;
  if (scale.type === "log" || scale.type === "symlog")
    return { kind: "values", distribution: scale.type, base, threshold: 1, field };
  if (bounds === undefined) return { kind: "values", distribution: "linear", base, threshold: 1, field };
  let [least, hasNegative] = [Infinity, false];
  const [lows, highs] = bounds;
  for (let at = 0; at < lows.length; at++) {
    // A bucket that contains zero has a negative lower bound, but does not make the axis symlog.
    if (lows[at]! < 0 && highs[at]! <= 0) hasNegative = true;
    const bound = lows[at]! > 0 ? lows[at]! : highs[at]! < 0 ? -highs[at]! : Infinity;
    if (bound < least) least = bound;
  }
  return {
    kind: "values",
    distribution: hasNegative ? "symlog" : "log",
    base,
    threshold: Number.isFinite(least) ? least : 1,
    field,
  };
}

/** Returns the start, end, lower and upper bound of each cell. Missing bounds are computed from the existing ones. */
function sizesOf(
  x: NumericField,
  xMin: NumericField | undefined,
  xMax: NumericField | undefined,
  y: NumericField,
  yMin: NumericField | undefined,
  yMax: NumericField | undefined,
  axis: ValueAxis,
) {
  const step = stepOf(x);
  const hasBothTimes = xMin !== undefined && xMax !== undefined;
  const isEnd = xMin === undefined && xMax !== undefined;
  const isMiddle = xMin === undefined && xMax === undefined;
  const start = (at: number): number => xMin?.values[at] ?? x.values[at]! - (isEnd ? step : isMiddle ? step / 2 : 0);
  const hasBoth = yMin !== undefined && yMax !== undefined;
  const isLog = axis.distribution === "log";
  const height = hasBoth ? 0 : isLog ? factorOf(y.values, axis.base) : (minDistance(y.values) ?? 1);
  const shifted = (value: number, share: number): number => (isLog ? value * height ** share : value + height * share);
  const low = (at: number): number => yMin?.values[at] ?? shifted(y.values[at]!, yMax === undefined ? -0.5 : -1);
  return {
    start,
    end: (at: number): number => (hasBothTimes ? xMax.values[at]! : start(at) + step),
    low,
    high: (at: number): number => (hasBoth ? yMax.values[at]! : shifted(low(at), 1)),
  };
}

/**
 * Returns the smallest ratio between two different positive values. Returns the base of the axis if there are no two
 * different positive values.
 */
function factorOf(values: Float64Array, base: number): number {
  const exponents = values.filter((value) => value > 0).map(Math.log2);
  return 2 ** (minDistance(exponents) ?? Math.log2(base));
}

/**
 * Merges the cells of several frames. If cells are at the same position, they become one cell with the sum of their
 * counts.
 */
function mergedCells(all: readonly (HeatCells | PlotProblem)[]): HeatCells | PlotProblem {
  const parts: HeatCells[] = [];
  for (const one of all) {
    if ("problem" in one) return one;
    parts.push(one);
  }
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  if (total > MAX_CELLS) return tooMany(total);
  const joined = emptyCells(total);
  const names = ["starts", "ends", "lows", "highs", "counts"] as const;
  let end = 0;
  for (const part of parts) {
    for (const name of names) joined[name].set(part[name].subarray(0, part.length), end);
    end += part.length;
  }
  const { starts, lows, highs, counts } = joined;
  const order = Uint32Array.from({ length: total }, (_, at) => at);
  if (!isInOrder(starts, lows))
    order.sort((a, b) => starts[a]! - starts[b]! || lows[a]! - lows[b]! || highs[a]! - highs[b]!);
  const merged = emptyCells(total);
  let kept = 0;
  for (const from of order) {
    const before = kept - 1;
    const isSame =
      before >= 0 &&
      merged.starts[before] === starts[from] &&
      merged.lows[before] === lows[from] &&
      merged.highs[before] === highs[from];
    if (isSame) merged.counts[before]! += counts[from]!;
    else {
      for (const name of names) merged[name][kept] = joined[name][from]!;
      kept++;
    }
  }
  return { ...merged, length: kept, axis: commonAxis(parts.map(({ axis }) => axis)) };
}

function isInOrder(starts: Float64Array, lows: Float64Array): boolean {
  for (let at = 1; at < starts.length; at++) {
    const isLater = starts[at]! > starts[at - 1]!;
    if (!isLater && !(starts[at] === starts[at - 1] && lows[at]! > lows[at - 1]!)) return false;
  }
  return true;
}

const commonAxis = (axes: readonly HeatAxis[]): HeatAxis =>
  axes.find((axis) => axis.kind === "values" && axis.distribution === "symlog") ?? axes[0]!;

/**
 * Returns the cells that are drawn at a time: start index and end index (exclusive). The indexes are equal for a time
 * without cells.
 */
export function columnAt({ starts, ends, length }: HeatCells, time: number): readonly [from: number, to: number] {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  if (low === 0 || !(ends[low - 1]! > time || ends[low - 1] === time)) return [0, 0];
  const start = starts[low - 1]!;
  let from = low - 1;
  while (from > 0 && starts[from - 1] === start) from--;
  return [from, low];
}
