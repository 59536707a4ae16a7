import { columnOf, withAbsent } from "../frame/column.ts";
import type { Field, Frame, Notice } from "../frame/frame.ts";
import { joinedRefId } from "./joined-ref-id.ts";
import { MergedRows } from "./merged-rows.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

const PARTIAL: Notice = {
  severity: "warning",
  text: "Merge series/tables: there are too many rows with empty cells, some of which were not merged",
};

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
  const merged = new MergedRows();
  frames.forEach(({ length }, i) => {
    const fields = names.map((name) => indexes[i]!.get(name));
    const keyFields = keys.map((name) => indexes[i]!.get(name)!);
    merged.addFrame(fields, keyFields, length);
  });
  const { rows } = merged;
  const fields = names.map((name, i) => {
    const { displayName: _, ...config } = columns.get(name)!.config;
    const values = rows.map((row) => row[i]);
    return withAbsent(columnOf({ name, config }, columns.get(name)!.type, values), (row) => values[row] === undefined);
  });
  const meta = merged.isPartial ? { meta: { notices: [PARTIAL] } } : {};
  return [{ refId: joinedRefId("merge", frames), fields, length: rows.length, ...meta }];
}

export const merge: TransformationKind = {
  id: "merge",
  name: "Merge series/tables",
  description: "Put tables together, rows that agree as one",
  defaultOptions: {},
  apply: (frames, _options, run) => (frames.length < 2 ? frames : mergeFrames(frames, run)),
};
