import { labelsText } from "../display/field-name.ts";
import type { Field, Frame, NumericField } from "../frame/frame.ts";
import { timeFieldOf } from "../frame/frame.ts";

/** A column where it stands. */
export interface FieldPlace {
  readonly field: Field;
  readonly frame: Frame;
}

/** What a panel showed in an earlier period, put on the times of the present one. */
export interface EarlierFrames {
  readonly frames: readonly Frame[];
  /** For legends: `1 day earlier`. */
  readonly words: string;
  /** Columns of the earlier period by those of the present, and the reverse. One that came or went since is in neither. */
  readonly earlierOf: ReadonlyMap<Field, FieldPlace>;
  readonly presentOf: ReadonlyMap<Field, FieldPlace>;
}

/** What tells a column from others, the same in both periods. */
const identityOf = ({ refId = "", name = "" }: Frame, { name: column, type, labels = {} }: Field): string =>
  JSON.stringify([refId, name, column, type, labelsText(labels)]);

/** Columns by what tells them apart; of several that nothing does, by their order too. */
function placesOf(frames: readonly Frame[]): Map<string, FieldPlace> {
  const count = new Map<string, number>();
  const places = new Map<string, FieldPlace>();
  for (const frame of frames) {
    for (const field of frame.fields) {
      if (field.type === "time") continue;
      const identity = identityOf(frame, field);
      const ordinal = count.get(identity) ?? 0;
      count.set(identity, ordinal + 1);
      places.set(`${identity} ${ordinal}`, { field, frame });
    }
  }
  return places;
}

/** Times of series with a step, by the step: those of others of this step differ from them by whole steps. */
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
  // Both are asked at whole steps; a distance that is none would put each point between two of the present.
  const off = origin === undefined || step <= 0 ? 0 : ((time.values[0] ?? 0) + shiftMs - origin) % step;
  const nearest = off > step / 2 ? off - step : off < -step / 2 ? off + step : off;
  return { ...time, values: time.values.map((value) => value + shiftMs - nearest) };
}

/** Puts the frames of an earlier period on the times of the present, each column beside the one that it was then. */
export function besidePresent(
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
    const place = now.get(key);
    if (place === undefined) continue;
    earlierOf.set(place.field, then);
    presentOf.set(then.field, place);
  }
  return { frames, words, earlierOf, presentOf };
}
