import { numericColumn } from "../frame/column.ts";
import { type Frame, type NumericField, timeFieldOf } from "../frame/frame.ts";
import { parseInterval } from "../time/interval.ts";
import type { Options } from "./options.ts";
import { TransformationError, type TransformationKind, type TransformRun } from "./transformation.ts";

const units: readonly (readonly [number, readonly number[]])[] = [
  [1, [1, 2, 4, 5, 10, 20, 25, 40, 50, 100, 200, 250, 400, 500]],
  [1000, [1, 2, 4, 5, 10, 15, 20, 30]],
  [60_000, [1, 2, 4, 5, 10, 15, 20, 30]],
  [3_600_000, [1, 2, 4, 6, 8, 12, 18]],
  [86_400_000, [1, 2, 3, 4, 5, 6, 7, 10, 15, 30, 45, 60, 90, 180]],
  [31_536_000_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
];

/** Widths of time buckets from which one is chosen, ms. */
const timeSteps: readonly number[] = units.flatMap(([unit, counts]) => counts.map((count) => count * unit));

/**
 * Widths of number buckets from which one is chosen: 1, 1.5, 2 … 9.5 times powers of ten. From 1 on, only whole
 * numbers.
 */
const numberSteps: readonly number[] = Array.from({ length: 32 }, (_, i) => i - 16).flatMap((exponent) =>
  Array.from({ length: 18 }, (_, i) => Number(`${1 + i / 2}e${exponent}`)).filter(
    (step) => exponent < 0 || Number.isInteger(step),
  ),
);

/** The buckets along one axis of the heatmap, and how values are assigned to them. */
interface Axis {
  readonly size: number;
  readonly bucketOf: (value: number) => number;
  readonly startOf: (bucket: number) => number;
  readonly first: number;
  readonly count: number;
}

function axisOf(
  least: number,
  greatest: number,
  size: number,
  scale: (value: number) => number,
  unscale: (value: number) => number,
): Axis {
  const bucketOf = (value: number): number => Math.floor(scale(value) / size);
  const first = bucketOf(least);
  return {
    size,
    bucketOf,
    startOf: (bucket) => unscale(bucket * size),
    first,
    count: bucketOf(greatest) - first + 1,
  };
}

/** Returns the bucket width from a list that gives about `count` buckets. */
function chooseSize(range: number, count: number, steps: readonly number[]): number {
  const wanted = range / Math.max(count - 1, 1);
  const index = steps.findIndex((step) => step > wanted) - 1;
  return steps[Math.max(index, 0)]!;
}

/**
 * Returns the bucket width from the options: a number, a duration for time axes, or computed from a number of buckets.
 */
function sizeOf(bucket: Options, range: number, steps: readonly number[], defaultCount: number): number {
  const text = bucket.text("value");
  const value = bucket.number("value");
  const isCount = bucket.text("mode") === "count" || value === undefined || value <= 0;
  if (isCount) return chooseSize(range, value !== undefined && value > 0 ? value : defaultCount, steps);
  const duration = text !== undefined && /[a-z]$/i.test(text) ? parseInterval(text) : undefined;
  return duration !== undefined && duration > 0 ? duration : value;
}

interface Points {
  readonly time: NumericField;
  readonly values: NumericField;
}

const isPoint = ({ time, values }: Points, row: number): boolean =>
  time.nulls?.[row] !== 1 &&
  values.nulls?.[row] !== 1 &&
  Number.isFinite(values.values[row]) &&
  Number.isFinite(time.values[row]);

function boundsOf(series: readonly Points[], key: keyof Points): readonly [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const points of series) {
    const { values } = points[key];
    for (let row = 0; row < values.length; row++) {
      if (!isPoint(points, row)) continue;
      if (values[row]! < least) least = values[row]!;
      if (values[row]! > greatest) greatest = values[row]!;
    }
  }
  return [least, greatest];
}

function valueAxis(options: Options, least: number, greatest: number): Axis {
  const bucket = options.part("yBuckets");
  const scale = bucket.part("scale");
  if (scale.text("type") !== "log") {
    const identity = (value: number): number => value;
    return axisOf(least, greatest, sizeOf(bucket, greatest - least, numberSteps, 10), identity, identity);
  }
  if (least <= 0) throw new TransformationError("a logarithmic heatmap needs values above 0");
  const base = scale.number("log") === 2 ? 2 : 10;
  const parts = Math.max(1, bucket.number("value") ?? 1);
  return axisOf(least, greatest, 1 / parts, base === 2 ? Math.log2 : Math.log10, (exponent) => base ** exponent);
}

function heatmapOf(frames: readonly Frame[], options: Options, run: TransformRun): Frame {
  const series = frames.flatMap((frame) => {
    const time = timeFieldOf(frame);
    const values = frame.fields.filter((field): field is NumericField => field.type === "number");
    return time === undefined ? [] : values.map((field) => ({ time, values: field }));
  });
  const [first] = series;
  if (first === undefined) throw new TransformationError("a heatmap needs times and numbers");
  const [from, to] = boundsOf(series, "time");
  const [least, greatest] = boundsOf(series, "values");
  if (!(from <= to)) throw new TransformationError("there are no values for a heatmap");
  const identity = (value: number): number => value;
  const x = axisOf(from, to, sizeOf(options.part("xBuckets"), to - from, timeSteps, 20), identity, identity);
  const y = valueAxis(options, least, greatest);
  run.claim(3 * x.count * y.count);
  const counts = new Float64Array(x.count * y.count);
  for (const points of series) {
    for (let row = 0; row < points.values.values.length; row++) {
      if (!isPoint(points, row)) continue;
      const column = x.bucketOf(points.time.values[row]!) - x.first;
      counts[column * y.count + y.bucketOf(points.values.values[row]!) - y.first]!++;
    }
  }
  const xs = counts.map((_, cell) => x.startOf(x.first + Math.floor(cell / y.count)));
  const ys = counts.map((_, cell) => y.startOf(y.first + (cell % y.count)));
  const isLog = options.part("yBuckets").part("scale").text("type") === "log";
  const scaleDistribution = isLog
    ? { type: "log", log: options.part("yBuckets").part("scale").number("log") === 2 ? 2 : 10 }
    : { type: "linear" };
  return {
    length: counts.length,
    meta: { type: "heatmap-cells" },
    fields: [
      numericColumn({ name: "xMin", config: { ...first.time.config, interval: x.size } }, "time", xs),
      numericColumn({ name: "yMin", config: { ...first.values.config, custom: { scaleDistribution } } }, "number", ys),
      numericColumn({ name: "Count", config: { unit: "short" } }, "number", counts),
    ],
  };
}

export const heatmap: TransformationKind = {
  id: "heatmap",
  name: "Create heatmap",
  description: "Count the values in each cell of a grid of times and values",
  defaultOptions: {},
  apply: (frames, options, run) => {
    const cells = heatmapOf(frames, options, run);
    return options.flag("keepOriginalData") ? [cells, ...frames] : [cells];
  },
};
