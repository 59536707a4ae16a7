import { frameName } from "../display/field-name.ts";
import { columnOf, stackColumns } from "../frame/column.ts";
import { type Field, type Frame, isNumeric, timeFieldOf, valueAt } from "../frame/frame.ts";
import { sortRows } from "../frame/sort-frame.ts";
import { joinedRefId } from "./joined-ref-id.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

/** Returns the rows of all series, the newest row first, as in Grafana. */
function rowsOfSeries(frames: readonly Frame[], run: TransformRun): Frame[] | undefined {
  const series = frames.flatMap((frame) => {
    const time = timeFieldOf(frame);
    const value = frame.fields.find((field) => field !== time);
    return time === undefined || !frame.fields.some(({ type }) => type === "number") || value === undefined
      ? []
      : [{ frame, time, value }];
  });
  const [first] = series;
  if (first === undefined || series.length < frames.length) return undefined;
  run.claim(3 * series.reduce((sum, { frame }) => sum + frame.length, 0), 3);
  return [joinSeries(series, first)];
}

interface Series {
  readonly frame: Frame;
  readonly time: Field;
  readonly value: Field;
}

/** Returns a column of the type JSON, which can contain values of every type. */
const asJson = (field: Field): Field =>
  columnOf(
    field,
    "json",
    isNumeric(field) ? Array.from({ length: field.values.length }, (_, row) => valueAt(field, row)) : field.values,
  );

function joinSeries(series: readonly Series[], first: Series): Frame {
  const bare = (field: Field, name: string): Field => {
    const { labels: _, ...rest } = field;
    const { displayName: __, displayNameFromDS: ___, ...config } = field.config;
    return { ...rest, name, config };
  };
  const names = series.flatMap(({ frame }) => Array.from({ length: frame.length }, () => frameName(frame)));
  const isMixed = series.some(({ value }) => value.type !== first.value.type);
  const stack = (key: "time" | "value", name: string): Field => {
    const as = isMixed && key === "value" ? asJson : (field: Field): Field => field;
    return stackColumns([as(bare(first[key], name)), ...series.slice(1).map((one) => as(one[key]))]);
  };
  const time = stack("time", "Time");
  const frame: Frame = {
    refId: joinedRefId(
      "seriesToRows",
      series.map(({ frame }) => frame),
    ),
    length: names.length,
    fields: [time, columnOf({ name: "Metric" }, "string", names), stack("value", "Value")],
  };
  return sortRows(frame, time, true);
}

export const seriesToRows: TransformationKind = {
  id: "seriesToRows",
  name: "Series to rows",
  description: "Put the rows of all series below one another, with their names in a column",
  defaultOptions: {},
  apply: (frames, _options, run) =>
    rowsOfSeries(
      frames.filter(({ length }) => length > 0),
      run,
    ) ?? frames,
};
