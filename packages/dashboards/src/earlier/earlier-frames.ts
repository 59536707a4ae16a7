import { labelsText } from "../display/field-name.ts";
import type { Field, Frame, NumericField } from "../frame/frame.ts";
import { timeFieldOf } from "../frame/frame.ts";

/** A column together with the frame that contains it. */
interface FieldPlace {
  readonly field: Field;
  readonly frame: Frame;
}

/** The data of a panel in an earlier period. The times of the data are moved to the current period. */
export interface EarlierFrames {
  readonly frames: readonly Frame[];
  /** Text that describes the period in legends: `1 day earlier`. */
  readonly words: string;
  /**
   * Maps columns of the current period to the matching columns of the earlier period; `presentOf` maps the other way.
   * Columns that exist in only one of the periods are in neither map.
   */
  readonly earlierOf: ReadonlyMap<Field, FieldPlace>;
  readonly presentOf: ReadonlyMap<Field, FieldPlace>;
}

/** Returns a text that identifies a column. Matching columns of the two periods have the same text. */
const identityOf = ({ refId = "", name = "" }: Frame, { name: column, type, labels = {} }: Field): string =>
  JSON.stringify([refId, name, column, type, labelsText(labels)]);

/** Returns columns by their identifying text. Columns with the same text are numbered. */
function placesOf(frames: readonly Frame[]): Map<string, FieldPlace> {
  const count = new Map<string, number>();
  const positions = new Map<string, FieldPlace>();
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (field.type === "time") continue;
      const identity = identityOf(frame, field);
      const ordinal = count.get(identity) ?? 0;
      count.set(identity, ordinal + 1);
      positions.set(`${identity} ${ordinal}`, { field, frame });
    }
  }
  return positions;
}

/**
 * Returns the time of one point for each query step. All points of series with this step are at whole multiples of the
 * step from this time.
 */
function gridsOf(frames: readonly Frame[]): ReadonlyMap<number, number> {
  const grids = new Map<number, number>();
  for (const frame of frames) {
    const time = timeFieldOf(frame);
    const step = time?.config.interval;
    if (time === undefined || step === undefined || !(step > 0) || time.values.length === 0) continue;
    if (!grids.has(step)) grids.set(step, time.values[0]!);
  }
  return grids;
}

function shifted(time: NumericField, shiftMs: number, grids: ReadonlyMap<number, number>): NumericField {
  const step = time.config.interval ?? 0;
  const origin = grids.get(step);
  // Distance by which shifted points are off the points of the current period. In each period, points are at multiples
  // of the step; if the shift is not a multiple, each point is moved to the nearest point of the current period.
  const off = origin === undefined || step <= 0 ? 0 : ((time.values[0] ?? 0) + shiftMs - origin) % step;
  const nearest = off > step / 2 ? off - step : off < -step / 2 ? off + step : off;
  return { ...time, values: time.values.map((value) => value + shiftMs - nearest) };
}

/**
 * Moves the frames of an earlier period to the times of the current period, and pairs each column with its counterpart.
 */
export function withPresent(
  present: readonly Frame[],
  earlier: readonly Frame[],
  { shiftMs, words }: { readonly shiftMs: number; readonly words: string },
): EarlierFrames {
  const grids = gridsOf(present);
  const frames = earlier.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => (field.type === "time" ? shifted(field, shiftMs, grids) : field)),
  }));
  const now = placesOf(present);
  const earlierOf = new Map<Field, FieldPlace>();
  const presentOf = new Map<Field, FieldPlace>();
  for (const [key, then] of placesOf(frames)) {
    const position = now.get(key);
    if (position === undefined) continue;
    earlierOf.set(position.field, then);
    presentOf.set(then.field, position);
  }
  return { frames, words, earlierOf, presentOf };
}
