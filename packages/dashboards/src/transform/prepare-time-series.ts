import { pickRows, withFields } from "../frame/column.ts";
import { type Field, type Frame, timeFieldOf, valueAt } from "../frame/frame.ts";
import { multiToWide } from "../frame/align-times.ts";
import { wideToLong } from "../frame/long-wide.ts";
import { sortByTime } from "../frame/sort-frame.ts";
import { rowGroups } from "./row-groups.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

const isLabel = ({ type }: Field): boolean => type === "string";
const isValue = ({ type }: Field): boolean => type === "number" || type === "boolean";

/** Splits frames into one frame for each series: for each numeric column and each combination of texts. */
function toMulti(frames: readonly Frame[], run: TransformRun): Frame[] {
  return frames.flatMap((unsorted): Frame[] => {
    const frame = sortByTime(unsorted);
    const time = timeFieldOf(frame);
    if (time === undefined) return [];
    const labels = frame.fields.filter(isLabel);
    const values = frame.fields.filter(isValue);
    const groups = labels.length === 0 ? [undefined] : rowGroups(labels, frame.length);
    run.claim(2 * frame.length * values.length, 2 * groups.length * values.length);
    const meta = { ...frame.meta, type: "timeseries-multi" as const };
    return values.flatMap((field) =>
      groups.map((rows): Frame => {
        if (rows === undefined) return withFields({ ...frame, meta }, [time, field]);
        const texts = labels.map((label) => [label.name, valueAt(label, rows[0]!)]).filter(([, text]) => text !== null);
        const own = { ...field.labels, ...(Object.fromEntries(texts) as Record<string, string>) };
        return withFields({ ...frame, meta }, [pickRows(time, rows), { ...pickRows(field, rows), labels: own }]);
      }),
    );
  });
}

/**
 * Converts a frame to rows of all its series (long). A frame that already has text columns for labels is only sorted.
 */
function toLong(frame: Frame, run: TransformRun): Frame[] {
  if (timeFieldOf(frame) === undefined) return [];
  if (!frame.fields.some(isLabel)) return [wideToLong(frame, run.claim)];
  return [{ ...sortByTime(frame), meta: { ...frame.meta, type: "timeseries-long" } }];
}

/**
 * Joins series by their times (wide). If there are several frames, a column keeps its frame's name: a column called
 * `Value` is renamed to the frame's name, any other column gets the frame's name as the label `name`.
 */
function toWide(frames: readonly Frame[], run: TransformRun): Frame[] {
  const withTimes = frames.filter((frame) => timeFieldOf(frame) !== undefined);
  const [only] = withTimes;
  // A single frame is only sorted and not joined, so that rows with equal times stay separate.
  if (only !== undefined && withTimes.length === 1)
    return [{ ...sortByTime(only), meta: { ...only.meta, type: "timeseries-wide" } }];
  const named = withTimes.map((frame): Frame => {
    const { name } = frame;
    if (name === undefined || name === "" || frames.length < 2) return frame;
    return {
      ...frame,
      fields: frame.fields.map((field): Field => {
        if (field === timeFieldOf(frame)) return field;
        if (field.name === "Value") return { ...field, name };
        return { ...field, labels: { name, ...field.labels } };
      }),
    };
  });
  const wide = multiToWide(named, run.claim);
  return wide === undefined ? [] : [wide];
}

export const prepareTimeSeries: TransformationKind = {
  id: "prepareTimeSeries",
  name: "Prepare time series",
  description: "Bring series into one wide table, many frames, or long rows",
  defaultOptions: { format: "wide" },
  apply: (frames, options, run) => {
    const format = options.text("format");
    if (format === "many" || format === "multi") return toMulti(frames, run);
    return format === "long" ? frames.flatMap((frame) => toLong(frame, run)) : toWide(frames, run);
  },
};
