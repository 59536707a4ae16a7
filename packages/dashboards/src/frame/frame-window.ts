import { numericColumn, sliceRows, stackColumns, withFields } from "./column.ts";
import { type Field, type Frame, timeFieldOf } from "./frame.ts";

/** Returns a frame with the rows from `from` up to `to`. Numbers are views, not copies. */
export function sliceFrame(frame: Frame, from: number, to: number): Frame {
  const start = Math.max(0, Math.min(from, frame.length));
  const end = Math.max(start, Math.min(to, frame.length));
  if (start === 0 && end === frame.length) return frame;
  return withFields(
    frame,
    frame.fields.map((field) => sliceRows(field, start, end)),
    end - start,
  );
}

/**
 * Returns the index of the first time that is not earlier than `time`. Returns the number of times if all are earlier.
 * The times must ascend.
 */
export function rowAtOrAfter(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

const keyOf = ({ name, type, labels }: Field): string =>
  JSON.stringify([name, type, labels === undefined ? null : Object.entries(labels).sort()]);

const structureOf = (frame: Frame): string => JSON.stringify([frame.refId, frame.name, frame.fields.map(keyOf)]);

/**
 * Reports whether two frames contain the same series: their refIds and names are equal, and so are the names, types and
 * labels of their columns.
 */
export const isSameSeries = (a: Frame, b: Frame): boolean => structureOf(a) === structureOf(b);

function behind(frame: Frame, tail: Frame, since: number): Frame {
  const times = timeFieldOf(frame)!.values;
  const newTimes = timeFieldOf(tail)!.values;
  const from = rowAtOrAfter(times, since);
  const to = newTimes.length === 0 ? frame.length : rowAtOrAfter(times, newTimes[0]!);
  if (from >= to) return tail;
  const head = sliceFrame(frame, from, to);
  return withFields(
    tail,
    tail.fields.map((field, i) => ({ ...stackColumns([head.fields[i]!, field]), config: field.config })),
  );
}

/**
 * Updates series at a refresh: appends the tail of a newer answer, and removes rows older than `since`. So a refresh
 * queries only the tail. If a time is in both, the row of the tail is used. A series that is not in the tail keeps its
 * remaining rows; a series that is only in the tail is added. The times of series and tail must ascend. Returns
 * undefined if they cannot be combined: a frame without times, or several frames of one series.
 */
export function appendTail(frames: readonly Frame[], tail: readonly Frame[], since: number): Frame[] | undefined {
  if ([...frames, ...tail].some((frame) => timeFieldOf(frame) === undefined)) return undefined;
  const newer = new Map(tail.map((frame) => [structureOf(frame), frame]));
  const known = new Set(frames.map(structureOf));
  if (newer.size !== tail.length || known.size !== frames.length) return undefined;
  const result: Frame[] = [];
  for (const frame of frames) {
    const next = newer.get(structureOf(frame));
    const one =
      next === undefined
        ? sliceFrame(frame, rowAtOrAfter(timeFieldOf(frame)!.values, since), frame.length)
        : behind(frame, next, since);
    if (one.length > 0) result.push(shareTimes(one, result.at(-1)));
  }
  for (const [structure, frame] of newer) if (!known.has(structure)) result.push(frame);
  return result;
}

/**
 * Makes a frame use the array of times of the previous frame if the times are equal. Code that draws both frames then
 * sees at once that their times are equal.
 */
function shareTimes(frame: Frame, before: Frame | undefined): Frame {
  const time = timeFieldOf(frame)!;
  const other = before === undefined ? undefined : timeFieldOf(before)!.values;
  if (other === undefined || other.length !== time.values.length || time.nulls !== undefined) return frame;
  if (!time.values.every((one, row) => one === other[row])) return frame;
  return {
    ...frame,
    fields: frame.fields.map((field) => (field === time ? numericColumn(time, "time", other) : field)),
  };
}
