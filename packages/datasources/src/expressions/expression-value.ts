import { type Frame, type Labels, timeFieldOf } from "@narthex/dashboards";

/** A number or a series with its labels. */
export interface ExpressionItem {
  readonly labels: Labels;
  /** Times of the values, epoch ms, ascending. Absent for a single number. */
  readonly times?: Float64Array;
  /** The values. NaN is also used for missing values, so the sum of values is NaN if one of them is missing. */
  readonly values: Float64Array;
}

/** The value of a query in expressions: a list of numbers and series. */
export type ExpressionValue = readonly ExpressionItem[];

/** Returns the numbers and series of frames. A frame with one row that is not a time series contains numbers. */
export function valueOfFrames(frames: readonly Frame[]): ExpressionValue {
  return frames.flatMap((frame): readonly ExpressionItem[] => {
    const time = timeFieldOf(frame);
    const isSeries = time !== undefined && frame.meta?.type !== "numeric-multi" && frame.meta?.type !== "numeric-wide";
    return frame.fields.flatMap((field): readonly ExpressionItem[] => {
      if (field.type !== "number") return [];
      const values = Float64Array.from(field.values, (value, row) => (field.nulls?.[row] === 1 ? NaN : value));
      const labels = field.labels ?? {};
      if (isSeries) return [{ labels, times: time.values, values }];
      return values.length === 0 ? [] : [{ labels, values: values.slice(-1) }];
    });
  });
}

/** Returns a frame for each number or series, in the form in which data sources return them. */
export function framesOfValue(refId: string, value: ExpressionValue): readonly Frame[] {
  return value.map(({ labels, times, values }): Frame => {
    const number = { name: refId, type: "number", values, labels, config: {} } as const;
    if (times === undefined) return { refId, length: 1, meta: { type: "numeric-multi" }, fields: [number] };
    return {
      refId,
      length: times.length,
      meta: { type: "timeseries-multi" },
      fields: [{ name: "Time", type: "time", values: times, config: {} }, number],
    };
  });
}
