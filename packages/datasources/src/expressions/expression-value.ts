import { type Frame, type Labels, timeFieldOf } from "@narthex/dashboards";

/** A number or a series of an answer, with its labels. */
export interface ExpressionItem {
  readonly labels: Labels;
  /** Absent: it is one number. ms, ascending. */
  readonly times?: Float64Array;
  /** NaN stands for no value, too: sums of it are none. */
  readonly values: Float64Array;
}

/** What a refId stands for in an expression. */
export type ExpressionValue = readonly ExpressionItem[];

/** Numbers and series of frames: a frame of one row that is no time series holds numbers. */
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

/** A frame for each item, as sources answer. */
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
