import { numericColumn } from "../frame/column.ts";
import type { Frame, NumericField } from "../frame/frame.ts";
import type { FieldConfig } from "../model/field-config.ts";
import type { TransformationKind } from "./transformation.ts";

/** Bucket widths from which one is chosen: 1, 2, 2.5, 4 and 5 times powers of ten, without 2.5 itself. */
const bucketSizes: readonly number[] = Array.from({ length: 19 }, (_, i) => i - 9).flatMap((exponent) =>
  [1, 2, 2.5, 4, 5].map((digit) => Number(`${digit}e${exponent}`)).filter((size) => size !== 2.5),
);

const DEFAULT_BUCKETS = 30;
const MAX_BUCKETS = 100_000;

/** Rounds a number to a number of decimals, with the same formula as Grafana. */
function rounded(value: number, decimals: number): number {
  if (Number.isInteger(value)) return value;
  const power = 10 ** decimals;
  return Math.round(value * power * (1 + Number.EPSILON)) / power;
}

/**
 * Returns the finite values of a column. If the field's text for missing values (`noValue`) is a number, nulls become
 * this number.
 */
function finiteValues({ values, nulls, config }: NumericField): Float64Array {
  const substitute = config.noValue === undefined || config.noValue.trim() === "" ? NaN : Number(config.noValue);
  return values
    .map((value, row) => (nulls?.[row] === 1 ? substitute : value))
    .filter((value) => Number.isFinite(value));
}

/**
 * Returns the smallest bucket width from the list that gives about `count` buckets and is not below the smallest
 * distance of two values.
 */
function chooseSize(columns: readonly Float64Array[], count: number): number {
  const all = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  all.sort();
  let least = all.length === 1 ? 1 : Infinity;
  for (let i = 1; i < all.length; i++) {
    const difference = all[i]! - all[i - 1]!;
    if (difference !== 0 && difference < least) least = difference;
  }
  const target = all.length === 0 ? NaN : (all.at(-1)! - all[0]!) / count;
  return bucketSizes.find((size) => target < size && size >= least) ?? 1;
}

function countsOf(values: Float64Array, bucketOf: (value: number) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) {
    const bucket = bucketOf(value);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return counts;
}

const decimalsOf = (size: number): number => (/\.(\d+)$/.exec(String(size))?.[1] ?? "").length;

const countConfig = ({ unit, ...config }: FieldConfig): FieldConfig =>
  unit === "short" ? { ...config, unit } : config;

export const histogram: TransformationKind = {
  id: "histogram",
  name: "Histogram",
  description: "Count the values in each bucket",
  defaultOptions: { fields: {} },
  apply: (frames, options, run) => {
    const fields = frames.flatMap(({ fields }) =>
      fields.filter((field): field is NumericField => field.type === "number"),
    );
    const [first] = fields;
    if (first === undefined) return frames.length === 0 ? frames : [];
    const columns = fields.map(finiteValues);
    const chosen = options.number("bucketSize");
    const size =
      chosen !== undefined && chosen > 0
        ? chosen
        : chooseSize(columns, Math.max(1, options.number("bucketCount") ?? DEFAULT_BUCKETS));
    const offset = options.number("bucketOffset") ?? 0;
    const bucketOf = (value: number): number => rounded(Math.floor((value - offset) / size) * size + offset, 9);
    const counts = columns.map((values) => countsOf(values, bucketOf));
    const buckets = Float64Array.from(new Set(counts.flatMap((one) => [...one.keys()]))).sort();
    run.claim(buckets.length * (fields.length + 2));
    run.claim(buckets.length > MAX_BUCKETS ? Infinity : 0);
    const config = fields.find(({ config }) => config.unit !== undefined)?.config ?? {};
    const decimals = decimalsOf(size);
    const bounds = decimals === 0 ? config : { ...config, decimals };
    const columnsOfCounts = options.flag("combine")
      ? [
          numericColumn(
            { name: "count", config: { ...countConfig(first.config), displayName: "Count" } },
            "number",
            buckets.map((bucket) => counts.reduce((sum, one) => sum + (one.get(bucket) ?? 0), 0)),
          ),
        ]
      : fields.map(({ name, labels, config }, i) =>
          numericColumn(
            { name, labels, config: countConfig(config) },
            "number",
            buckets.map((bucket) => counts[i]!.get(bucket) ?? 0),
          ),
        );
    const result: Frame = {
      refId: "histogram",
      length: buckets.length,
      fields: [
        numericColumn({ name: "xMin", config: bounds }, "number", buckets),
        numericColumn(
          { name: "xMax", config: bounds },
          "number",
          buckets.map((bucket) => bucket + size),
        ),
        ...columnsOfCounts,
      ],
    };
    return [result];
  },
};
