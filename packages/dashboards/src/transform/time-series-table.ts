import { columnOf, withFields } from "../frame/column.ts";
import { type Field, type Frame, timeFieldOf } from "../frame/frame.ts";
import { reduceTo } from "../reduce/reduce-field.ts";
import type { Options } from "./options.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

interface Trend {
  readonly frame: Frame;
  readonly field: Field;
}

function trendsOf(frame: Frame, timeName: string | undefined): Trend[] {
  const time =
    timeName === undefined
      ? timeFieldOf(frame)
      : frame.fields.find(({ name, type }) => name === timeName && type === "time");
  if (time === undefined) return [];
  return frame.fields
    .filter(({ type }) => type === "number")
    .map((field) => ({ frame: withFields({ length: 0, fields: [] }, [time, field]), field }));
}

/**
 * Returns a table with a row for each series of a query: its labels, and a cell that contains the series and its
 * reduced value.
 */
function tableOf(refId: string, trends: readonly Trend[], options: Options, run: TransformRun): Frame {
  const reducer = options.text("stat") ?? "lastNotNull";
  const labels = [...new Set(trends.flatMap(({ field }) => Object.keys(field.labels ?? {})))];
  run.claim(trends.length * (labels.length + 1), labels.length + 1);
  const cells = trends.map(({ frame, field }): Frame => {
    const value = reduceTo(field, reducer);
    return { ...frame, refId, meta: { custom: { value: typeof value === "number" ? value : null } } };
  });
  return withFields({ refId, length: 0, fields: [] }, [
    ...labels.map((label) =>
      columnOf(
        { name: label },
        "string",
        trends.map(({ field }) =>
          field.labels !== undefined && Object.hasOwn(field.labels, label) ? field.labels[label] : null,
        ),
      ),
    ),
    { name: `Trend #${refId}`, type: "frame", config: {}, values: cells },
  ]);
}

export const timeSeriesTable: TransformationKind = {
  id: "timeSeriesTable",
  name: "Time series to table",
  description: "Make a row of each series, with its labels and the series itself in a cell",
  defaultOptions: {},
  apply: (frames, options, run) => {
    const others: Frame[] = [];
    const byRefId = new Map<string, Trend[]>();
    for (const frame of frames) {
      const refId = frame.refId ?? "";
      const trends = trendsOf(frame, options.part(refId).text("timeField"));
      if (trends.length === 0) others.push(frame);
      else {
        const all = byRefId.get(refId) ?? [];
        for (const trend of trends) all.push(trend);
        byRefId.set(refId, all);
      }
    }
    return [...others, ...[...byRefId].map(([refId, trends]) => tableOf(refId, trends, options.part(refId), run))];
  },
};
