import { columnOf } from "../frame/column.ts";
import { type Field, type Frame, valueAt } from "../frame/frame.ts";
import { joinedRefId } from "./joined-ref-id.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

/** A row of the result: for each column a value, undefined where no frame has given one. */
type Row = unknown[];

/** Rows of one key. A row's values go into the first of them that says nothing else. */
function takes(row: Row, values: Row): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const before = row[i];
    if (value !== undefined && before !== undefined && before !== null && before !== value) return false;
  }
  for (let i = 0; i < values.length; i++) if (values[i] !== undefined) row[i] = values[i];
  return true;
}

/** Rows that a new row is compared with at most, so that many rows of one key do not take time by their square. */
const MAX_CANDIDATES = 100;

function mergeFrames(all: readonly Frame[], run: TransformRun): readonly Frame[] {
  const frames = all.filter(({ fields }) => fields.length > 0);
  if (frames.length === 0) return all.slice(0, 1);
  const columns = new Map<string, Field>();
  for (const field of frames.flatMap(({ fields }) => fields))
    if (!columns.has(field.name)) columns.set(field.name, field);
  const names = [...columns.keys()];
  const indexes = frames.map(({ fields }) => new Map(fields.map((field) => [field.name, field])));
  const keys = names.filter((name) => indexes.every((index) => index.has(name)));
  if (keys.length === 0) return all;
  run.claim(frames.reduce((sum, { length }) => sum + length, 0) * names.length);
  const rows: Row[] = [];
  const known = new Map<string, Row[]>();
  frames.forEach((frame, i) => {
    const fields = names.map((name) => indexes[i]!.get(name));
    const keyFields = keys.map((name) => indexes[i]!.get(name)!);
    for (let at = 0; at < frame.length; at++) {
      const key = JSON.stringify(keyFields.map((field) => valueAt(field, at)));
      const values = fields.map((field) => (field === undefined ? undefined : valueAt(field, at)));
      const candidates = known.get(key) ?? [];
      let isMerged = false;
      // All that fit take the values, as Grafana does.
      for (const row of candidates) isMerged = takes(row, values) || isMerged;
      if (isMerged) continue;
      rows.push(values);
      if (candidates.length < MAX_CANDIDATES) candidates.push(values);
      known.set(key, candidates);
    }
  });
  const fields = names.map((name, i) => {
    const { displayName: _, ...config } = columns.get(name)!.config;
    return columnOf(
      { name, config },
      columns.get(name)!.type,
      rows.map((row) => row[i]),
    );
  });
  return [{ refId: joinedRefId("merge", frames), fields, length: rows.length }];
}

export const merge: TransformationKind = {
  id: "merge",
  name: "Merge series/tables",
  description: "Put tables together, rows that agree as one",
  defaultOptions: {},
  apply: (frames, _options, run) => (frames.length < 2 ? frames : mergeFrames(frames, run)),
};
