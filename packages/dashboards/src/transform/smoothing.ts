import { numericColumn, pickRows, withFields } from "../frame/column.ts";
import { type Field, type Frame, type NumericField, timeFieldOf } from "../frame/frame.ts";
import { sortByTime } from "../frame/sort-frame.ts";
import type { TransformationKind } from "./transformation.ts";

const MAX_RESOLUTION = 1000;

/** Returns the mean of the values in each of several equal time intervals; null for an interval without values. */
function averages(
  time: NumericField,
  field: NumericField,
  from: number,
  width: number,
  count: number,
): (number | null)[] {
  const sums = new Float64Array(count);
  const counts = new Uint32Array(count);
  for (let row = 0; row < field.values.length; row++) {
    const value = field.values[row]!;
    if (field.nulls?.[row] === 1 || !Number.isFinite(value)) continue;
    const bucket = Math.min(count - 1, Math.floor((time.values[row]! - from) / width));
    sums[bucket]! += value;
    counts[bucket]!++;
  }
  return Array.from(sums, (sum, bucket) => (counts[bucket] === 0 ? null : sum / counts[bucket]!));
}

function movingAverage(values: readonly number[], window: number): number[] {
  const result: number[] = [];
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    if (i >= window) sum -= values[i - window]!;
    if (i >= window - 1) result.push(sum / window);
  }
  return result;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const moment = (values: readonly number[], power: number): number => {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** power));
};

const kurtosis = (values: readonly number[]): number => moment(values, 4) / moment(values, 2) ** 2;

const roughness = (values: readonly number[]): number =>
  moment(
    values.slice(1).map((value, i) => value - values[i]!),
    2,
  );

/**
 * Returns the size of the moving window that gives the smoothest averages. Windows are excluded if the kurtosis of the
 * averages is lower than that of the values, so that outliers stay visible. The rule is from Rong and Bailis, "ASAP:
 * Prioritizing Attention via Time Series Smoothing".
 */
function smoothingWindow(values: readonly number[]): number {
  let best = 1;
  if (values.length < 4) return best;
  let least = roughness(values);
  const original = kurtosis(values);
  for (let window = 2; window <= Math.ceil(values.length / 10); window++) {
    const smoothed = movingAverage(values, window);
    const own = roughness(smoothed);
    if (own < least && kurtosis(smoothed) >= original) {
      best = window;
      least = own;
    }
  }
  return best;
}

/** Returns moving averages. If a position has no value, the average of its neighbours is used. */
function smooth(values: readonly (number | null)[], window: number): (number | null)[] {
  const before = Math.floor((window - 1) / 2);
  return values.map((_, i) => {
    const around = values.slice(Math.max(0, i - before), i - before + window).filter((value) => value !== null);
    return around.length === 0 ? null : mean(around);
  });
}

/** Returns the frame without rows that have no time. */
function withTimes(frame: Frame): Frame {
  const time = timeFieldOf(frame);
  if (time?.nulls === undefined && time?.values.every(Number.isFinite) !== false) return frame;
  const rows = Int32Array.from({ length: frame.length }, (_, row) => row).filter(
    (row) => time.nulls?.[row] !== 1 && Number.isFinite(time.values[row]),
  );
  return withFields(
    frame,
    frame.fields.map((field) => pickRows(field, rows)),
    rows.length,
  );
}

function smoothFrame(unsorted: Frame, resolution: number): Frame {
  const frame = sortByTime(withTimes(unsorted));
  const time = timeFieldOf(frame);
  const reference = frame.fields.find(({ type }) => type === "number") as NumericField | undefined;
  if (time === undefined || reference === undefined || frame.length === 0) return frame;
  const count = Math.min(resolution, frame.length);
  const from = time.values[0]!;
  const width = (time.values.at(-1)! - from) / count || 1;
  if (!Number.isFinite(width)) return frame;
  const window = smoothingWindow(averages(time, reference, from, width, count).filter((value) => value !== null));
  const times = Float64Array.from({ length: count }, (_, i) => from + (i + 0.5) * width);
  const fields = frame.fields.flatMap((field): Field[] => {
    if (field === time) return [numericColumn(field, "time", times)];
    if (field.type !== "number") return [];
    const values = smooth(averages(time, field, from, width, count), window);
    const head = { ...field, name: `${field.name} (smoothed)` };
    return [
      numericColumn(
        head,
        "number",
        Float64Array.from(values, (value) => value ?? 0),
        Uint8Array.from(values, (value) => Number(value === null)),
      ),
    ];
  });
  return { ...frame, name: `${frame.name ?? "Data"} (smoothed)`, length: count, fields };
}

export const smoothing: TransformationKind = {
  id: "smoothing",
  name: "Smoothing",
  description: "Average out noise and keep outliers",
  defaultOptions: { resolution: 100 },
  apply: (frames, options) => {
    const resolution = Math.min(MAX_RESOLUTION, Math.max(2, Math.trunc(options.number("resolution") ?? 100)));
    return frames.map((frame) => smoothFrame(frame, resolution));
  },
};
