import { FieldNames } from "../display/field-name.ts";
import { columnOf, pickRows } from "../frame/column.ts";
import type { Field, FieldType, Frame } from "../frame/frame.ts";
import { reduceField } from "../reduce/reduce-field.ts";
import { findReducer, reducedType } from "../reduce/reducers.ts";
import type { Options } from "./options.ts";
import { firstRows, rowGroups } from "./row-groups.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

/** Role of a column: `groupby` groups the rows by it, `aggregate` reduces its values in each group. */
export interface GroupRule {
  readonly operation: string | undefined;
  readonly reducers: readonly string[];
}

export const groupRule = (options: Options): GroupRule => ({
  operation: options.text("operation"),
  reducers: options.texts("aggregations").filter((id) => findReducer(id) !== undefined),
});

const typeOfResult = (id: string, type: FieldType): FieldType =>
  id === "allValues" || id === "uniqueValues" ? "json" : reducedType(id, type);

/** Reduces columns by group. Returns a column for each reducer, with a row for each group. */
export function reducedColumns(
  field: Field,
  name: string,
  ids: readonly string[],
  groups: readonly Int32Array[],
  run: TransformRun,
): Field[] {
  run.claim(groups.length * ids.length, ids.length);
  const results = groups.map((rows) => reduceField(pickRows(field, rows), ids));
  return ids.map((id) =>
    columnOf(
      { name: `${name} (${id})` },
      typeOfResult(id, field.type),
      results.map((result) => result.get(id) ?? null),
    ),
  );
}

/** Returns the grouping columns, with one row for each group. */
export const groupColumns = (fields: readonly Field[], groups: readonly Int32Array[]): Field[] => {
  const rows = firstRows(groups);
  return fields.map((field) => {
    const { labels: _, ...rest } = pickRows(field, rows);
    return rest;
  });
};

export const groupBy: TransformationKind = {
  id: "groupBy",
  name: "Group by",
  description: "Group rows by the values of columns, and reduce other columns of each group",
  defaultOptions: { fields: {} },
  apply: (frames, options, run) => {
    const rules = options.part("fields");
    const ruleOf = (field: Field, name: string): GroupRule =>
      groupRule(rules.part(rules.has(name) ? name : field.name));
    if (!rules.keys().some((name) => rules.part(name).text("operation") === "groupby")) return frames;
    const names = new FieldNames(frames);
    return frames.flatMap((frame): Frame[] => {
      const columns = frame.fields.map((field) => {
        const name = names.nameOf(field, frame);
        return { field, name, rule: ruleOf(field, name) };
      });
      const keys = columns.filter(({ rule }) => rule.operation === "groupby").map(({ field }) => field);
      if (keys.length === 0) return [];
      const groups = rowGroups(keys, frame.length);
      const fields = groupColumns(keys, groups);
      for (const { field, name, rule } of columns) {
        const isCount = rule.operation === "groupby" && rule.reducers.length === 1 && rule.reducers[0] === "count";
        if (rule.operation === "aggregate" || isCount) {
          for (const item of reducedColumns(field, rules.has(name) ? name : field.name, rule.reducers, groups, run))
            fields.push(item);
        }
      }
      return [{ ...(frame.refId === undefined ? {} : { refId: frame.refId }), fields, length: groups.length }];
    });
  },
};
