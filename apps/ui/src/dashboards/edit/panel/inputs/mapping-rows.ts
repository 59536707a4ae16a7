import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { isJsonObject } from "../panel-edit.ts";
import { itemMoved } from "../../list-order.ts";

/** The condition of a value mapping: an exact value, a range, a regular expression, or a special value such as null. */
export type MappingType = "value" | "range" | "regex" | "special";

/**
 * A row of the form: a condition, and the result that is shown for matching values. A mapping of exact values has a row
 * for each value.
 */
export interface MappingRow {
  /**
   * Index of the row's mapping in the list of mappings. `key` is the exact value in the condition, undefined for other
   * conditions.
   */
  readonly at: number;
  readonly key: string | undefined;
  readonly type: MappingType;
  readonly options: JsonObject;
  readonly result: JsonObject;
}

const isType = (type: unknown): type is MappingType =>
  type === "value" || type === "range" || type === "regex" || type === "special";

const resultOf = (options: JsonObject, key: string): JsonObject => {
  const result = valueAtPath(options, [key]);
  return isJsonObject(result) ? result : {};
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Returns the rows of a list of mappings. Invalid mappings have no rows, but the field `at` of a row counts them. */
export function mappingRows(value: unknown): readonly MappingRow[] {
  return listOf(value).flatMap((mapping: unknown, at): MappingRow[] => {
    if (!isJsonObject(mapping) || !isType(mapping["type"])) return [];
    const { type } = mapping;
    const options = isJsonObject(mapping["options"]) ? mapping["options"] : {};
    if (type !== "value") return [{ at, key: undefined, type, options, result: resultOf(options, "result") }];
    return Object.keys(options).map((key) => ({ at, key, type, options, result: resultOf(options, key) }));
  });
}

const withOptions = (value: unknown, at: number, options: JsonObject): readonly unknown[] => {
  const list = listOf(value);
  const mapping = list[at];
  return list.with(at, { ...(isJsonObject(mapping) ? mapping : {}), options });
};

/**
 * Returns the value mappings after a change of the result in one row. A property with the value undefined is removed.
 */
export function withResult(value: unknown, row: MappingRow, change: JsonObject): readonly unknown[] {
  const result = Object.fromEntries(
    Object.entries({ ...row.result, ...change }).filter(([, part]) => part !== undefined),
  );
  return withOptions(value, row.at, { ...row.options, [row.key ?? "result"]: result });
}

/**
 * Returns the mappings after the exact value in a row's condition was replaced. The order of the rows does not change.
 */
export function withKey(value: unknown, row: MappingRow, key: string): readonly unknown[] {
  if (row.key === undefined || key === row.key || Object.hasOwn(row.options, key) || key === "__proto__")
    return listOf(value);
  const options = Object.fromEntries(
    Object.entries(row.options).map(([name, result]) => [name === row.key ? key : name, result]),
  );
  return withOptions(value, row.at, options);
}

export const withCondition = (value: unknown, row: MappingRow, change: JsonObject): readonly unknown[] =>
  withOptions(value, row.at, { ...row.options, ...change });

export function withoutRow(value: unknown, row: MappingRow): readonly unknown[] {
  const { [row.key ?? ""]: _, ...others } = row.options;
  if (row.key === undefined || Object.keys(others).length === 0) return listOf(value).toSpliced(row.at, 1);
  return withOptions(value, row.at, others);
}

const fresh: Readonly<Record<MappingType, JsonObject>> = {
  value: { "": { index: 0 } },
  range: { from: null, to: null, result: { index: 0 } },
  regex: { pattern: "", result: { index: 0 } },
  special: { match: "null", result: { index: 0 } },
};

/** Returns the mappings with an additional row. The `index` in the new row's result is the number of existing rows. */
export function withNewRow(value: unknown, type: MappingType): readonly unknown[] {
  const list = listOf(value);
  const rows = mappingRows(value);
  const index = rows.length;
  const last = list.length - 1;
  const before = list[last];
  if (type === "value" && isJsonObject(before) && before["type"] === "value" && isJsonObject(before["options"])) {
    const key = freeKey(before["options"]);
    return withOptions(value, last, { ...before["options"], [key]: { index } });
  }
  const options = fresh[type];
  const made = type === "value" ? { "": { index } } : { ...options, result: { index } };
  return [...list, { type, options: made }];
}

/** Returns a value that the mapping does not contain yet: the empty text, or `value 1` and so on. */
function freeKey(options: JsonObject): string {
  if (!Object.hasOwn(options, "")) return "";
  for (let at = Object.keys(options).length; ; at++) if (!Object.hasOwn(options, `value ${at}`)) return `value ${at}`;
}

export const movedMapping = (value: unknown, at: number, by: number): readonly unknown[] =>
  itemMoved(listOf(value), at, at + by);
