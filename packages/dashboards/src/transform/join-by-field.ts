import { FieldNames } from "../display/field-name.ts";
import { compileFieldMatcher, type FieldTest } from "../field/field-matcher.ts";
import { alignTimes, timesOf } from "../frame/align-times.ts";
import { columnOfAny, numericColumn, pickRows, textOf, withAbsent } from "../frame/column.ts";
import { type Field, type Frame, isNumeric, type NumericField, timeFieldOf, valueAt } from "../frame/frame.ts";
import { sortRows } from "../frame/sort-frame.ts";
import { joinedRefId } from "./joined-ref-id.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

/** A frame that is joined: its join column, and its other columns with their names in the result. */
interface Side {
  readonly key: Field;
  readonly fields: readonly Field[];
}

function sideOf(frame: Frame, isKey: FieldTest): Side | undefined {
  const key = frame.fields.find((field) => isKey(field, frame));
  if (key === undefined) return undefined;
  const fields = frame.fields
    .filter((field) => field !== key)
    .map((field): Field => {
      if (frame.name === undefined || frame.name === "") return field;
      if (field.name === "Value") return { ...field, name: frame.name };
      if (field.labels !== undefined && Object.hasOwn(field.labels, "name")) return field;
      return { ...field, labels: { ...field.labels, name: frame.name } };
    });
  return { key, fields };
}

/** Returns the column to join by if the options name none: the time column, otherwise the first numeric column. */
const bestKey = (frames: readonly Frame[]): FieldTest => {
  const [first] = frames;
  if (first !== undefined && timeFieldOf(first) !== undefined) {
    return (field, frame) => field === timeFieldOf(frame);
  }
  const name = first?.fields.find(({ type }) => type === "number")?.name;
  return (field) => name !== undefined && field.name === name;
};

/** The rows of the joined frame: the merged keys, and the row of each frame for each key, or -1. */
interface Rows {
  readonly key: Field;
  readonly rows: readonly (Int32Array | undefined)[];
}

function isSameColumn(a: Field, b: Field): boolean {
  if (a.values === b.values) return true;
  if (a.type !== b.type || a.values.length !== b.values.length) return false;
  for (let row = 0; row < a.values.length; row++) if (valueAt(a, row) !== valueAt(b, row)) return false;
  return true;
}

/**
 * Determines the rows of an outer join, one for each key. If the keys are numbers, the rows are ascending; otherwise
 * they are in the order in which the keys first occur.
 */
function outerRows(sides: readonly Side[], run: TransformRun): Rows {
  const [first] = sides as readonly [Side];
  const columns = sides.reduce((sum, { fields }) => sum + fields.length, 1);
  const keys = sides.map(({ key }) => key);
  // If all key columns are equal, the rows stay unchanged, even if a key occurs in several rows.
  if (keys.every((key) => isSameColumn(key, first.key))) return { key: first.key, rows: sides.map(() => undefined) };
  if (keys.every(isNumeric)) {
    const { times, rows } = alignTimes(keys.map(timesOf), (count) => run.claim(count * columns));
    return { key: numericColumn(first.key, (first.key as NumericField).type, times), rows };
  }
  const known = new Map<unknown, number>();
  for (const key of keys)
    for (let row = 0; row < key.values.length; row++) {
      const value = valueAt(key, row);
      if (!known.has(value)) known.set(value, known.size);
    }
  run.claim(known.size * columns);
  const rows = keys.map((key) => {
    const all = new Int32Array(known.size).fill(-1);
    for (let row = 0; row < key.values.length; row++) all[known.get(valueAt(key, row))!] = row;
    return all;
  });
  return { key: columnOfAny(first.key, first.key.type, [...known.keys()]), rows };
}

/**
 * Joins tables as databases do: each row is combined with every row that has the same key. A null key matches nothing.
 * An outer join also returns the rows without a counterpart, at the end.
 */
function tabularRows(sides: readonly Side[], isOuter: boolean, run: TransformRun): Rows {
  let columns = sides[0]!.fields.length + 1;
  let key = sides[0]!.key;
  let rows: Int32Array[] = [Int32Array.from({ length: key.values.length }, (_, row) => row)];
  for (const side of sides.slice(1)) {
    columns += side.fields.length;
    const known = new Map<string, number[]>();
    const keyless: number[] = [];
    for (let row = 0; row < side.key.values.length; row++) {
      const value = valueAt(side.key, row);
      const text = value === null ? undefined : textOf(value);
      const list = text === undefined ? keyless : known.get(text);
      if (list === undefined) known.set(text!, [row]);
      else list.push(row);
    }
    const found = Array.from({ length: key.values.length }, (_, row) => {
      const value = valueAt(key, row);
      return value === null ? undefined : known.get(textOf(value));
    });
    const pairs = found.reduce((sum, list) => sum + (list?.length ?? 1), 0);
    run.claim((pairs + (isOuter ? side.key.values.length : 0)) * columns);
    const left: number[] = [];
    const right: number[] = [];
    const push = (a: number, b: number): void => void (left.push(a), right.push(b));
    found.forEach((list, row) => list?.forEach((other) => push(row, other)));
    if (isOuter) {
      found.forEach((list, row) => list === undefined && push(row, -1));
      const matched = new Set(found);
      for (const list of known.values()) if (!matched.has(list)) for (const row of list) push(-1, row);
      for (const row of keyless) push(-1, row);
    }
    const from = Int32Array.from(left);
    rows = [...rows.map((before) => from.map((row) => (row < 0 ? -1 : before[row]!))), Int32Array.from(right)];
    const [mine, theirs] = [key, side.key];
    key = columnOfAny(
      key,
      key.type,
      left.map((row, i) => (row < 0 ? valueAt(theirs, right[i]!) : valueAt(mine, row))),
    );
  }
  return { key, rows };
}

/**
 * Joins frames into one by the values of a common column. `byField` is the displayed name of this column; undefined
 * means the time column. Returns undefined if there is nothing to join.
 */
function joinFrames(
  frames: readonly Frame[],
  byField: string | undefined,
  mode: string,
  run: TransformRun,
): Frame | undefined {
  if (frames.length < 2) return undefined;
  const isKey =
    byField === undefined
      ? bestKey(frames)
      : compileFieldMatcher({ id: "byName", options: byField }, frames, new FieldNames(frames))!;
  const sides = frames.flatMap((frame) => sideOf(frame, isKey) ?? []);
  const refId = joinedRefId("joinByField", frames);
  if (sides.length === 0) return { refId, length: 0, fields: [] };
  const none = new Int32Array();
  // Whether empty cells are plain nulls, as in the two tabular modes. In other modes, they are also marked as absent.
  const isTabular = mode === "inner" || mode === "outerTabular";
  const { key, rows } =
    mode === "inner" && sides.length < frames.length
      ? { key: pickRows(sides[0]!.key, none), rows: sides.map(() => none) }
      : isTabular
        ? tabularRows(sides, mode === "outerTabular", run)
        : outerRows(sides, run);
  const fields = sides.flatMap((side, i) => {
    const own = rows[i];
    if (own === undefined) return side.fields;
    return side.fields.map((field) => {
      const picked = pickRows(field, own);
      return isTabular ? picked : withAbsent(picked, (row) => own[row]! < 0 || field.absent?.[own[row]!] === 1);
    });
  });
  const joined = { refId, length: key.values.length, fields: [key, ...fields] };
  return isNumeric(key) && !isTabular ? sortRows(joined, key) : joined;
}

export const joinByField: TransformationKind = {
  id: "joinByField",
  name: "Join by field",
  description: "Join tables or series by the values of a column, such as the time",
  aliases: ["seriesToColumns"],
  defaultOptions: { mode: "outer" },
  apply: (frames, options, run) => {
    const joined = joinFrames(frames, options.text("byField"), options.text("mode") ?? "outer", run);
    return joined === undefined ? frames : [joined];
  },
};

/** Joins series into one frame if all of them have a time column of the same name. Otherwise returns them unchanged. */
export function ensureOneFrame(frames: readonly Frame[], run: TransformRun): readonly Frame[] {
  const names = new Set(frames.map((frame) => timeFieldOf(frame)?.name));
  const [name] = names;
  if (frames.length < 2 || names.size !== 1 || name === undefined) return frames;
  return [joinFrames(frames, name, "outer", run)!];
}

export const ensureColumns: TransformationKind = {
  id: "ensureColumns",
  name: "Ensure columns",
  description: "Join series to one table, where they have times",
  defaultOptions: {},
  apply: (frames, _options, run) => ensureOneFrame(frames, run),
};
