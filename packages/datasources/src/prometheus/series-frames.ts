import type { Frame, NumericField } from "@narthex/dashboards";
import { legendOf } from "./legend.ts";
import type { HistogramColumns, QueryResult, Series } from "./series.ts";

export interface FrameSettings {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly stepMs: number;
}

const TYPES = { matrix: "timeseries-multi", vector: "numeric-multi", scalar: "numeric-multi" } as const;

/** Returns a frame with the columns Time and Value for each series. Native histograms become cells of a heatmap. */
export function seriesFrames(result: QueryResult, settings: FrameSettings): readonly Frame[] {
  const { resultType } = result;
  if (resultType === "string") return [stringFrame(result, settings)];
  return result.series.flatMap((series): readonly Frame[] => {
    const frames: Frame[] = [];
    if (series.times.length > 0 || series.histograms === undefined)
      frames.push(seriesFrame(series, settings, { type: TYPES[resultType], resultType }));
    if (series.histograms !== undefined) frames.push(cellsFrame(series, series.histograms, settings, resultType));
    return frames;
  });
}

function seriesFrame(
  { labels, times, values }: Series,
  { refId, expr, legendFormat, stepMs }: FrameSettings,
  meta: { readonly type: (typeof TYPES)[keyof typeof TYPES]; readonly resultType: string },
): Frame {
  const name = legendOf(legendFormat, labels, expr);
  return {
    refId,
    ...(name !== "" && { name }),
    length: times.length,
    meta: { type: meta.type, preferredVisualisationType: "graph", custom: { resultType: meta.resultType } },
    fields: [
      timeField("Time", times, stepMs),
      { name: "Value", type: "number", values, labels, config: name === "" ? {} : { displayNameFromDS: name } },
    ],
  };
}

/**
 * Returns a frame with a row for each bucket of native histograms. A row contains the end of the time step, the bounds
 * of the bucket and its count.
 */
function cellsFrame(
  { labels }: Series,
  { bucketTimes, lower, upper, bucketCounts, bounds }: HistogramColumns,
  { refId, expr, legendFormat, stepMs }: FrameSettings,
  resultType: string,
): Frame {
  const name = legendOf(legendFormat, labels, expr);
  const config = name === "" ? {} : { displayNameFromDS: name };
  const number = (field: string, values: Float64Array): NumericField => ({
    name: field,
    type: "number",
    values,
    config: {},
  });
  return {
    refId,
    ...(name !== "" && { name }),
    length: bucketTimes.length,
    meta: { type: "heatmap-cells", custom: { resultType } },
    fields: [
      timeField("xMax", bucketTimes, stepMs),
      { ...number("yMin", lower), labels, config },
      number("yMax", upper),
      number("count", bucketCounts),
      number("yLayout", bounds),
    ],
  };
}

function stringFrame({ text }: QueryResult, { refId, stepMs }: FrameSettings): Frame {
  const times = text === undefined ? [] : [text.time];
  return {
    refId,
    length: times.length,
    meta: { type: "timeseries-multi", custom: { resultType: "string" } },
    fields: [
      timeField("Time", Float64Array.from(times), stepMs),
      { name: "Value", type: "string", values: text === undefined ? [] : [text.value], labels: {}, config: {} },
    ],
  };
}

export const timeField = (name: string, values: Float64Array, stepMs: number): NumericField => ({
  name,
  type: "time",
  values,
  config: { interval: stepMs },
});
