import { isNumeric } from "@narthex/dashboards";
import { cellText, type TableColumn, sparklineValue } from "./table-columns.ts";

export interface Sort {
  readonly key: string;
  readonly isDescending: boolean;
}

/** The texts to show, by column key. Rows with other texts in the column are hidden. An empty set shows all rows. */
export type Filters = ReadonlyMap<string, ReadonlySet<string>>;

type Compare = (a: number, b: number) => number;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/**
 * Returns the function that compares two rows by their values in a column. Missing values come last in ascending and in
 * descending order.
 */
function comparison(column: TableColumn, isDescending: boolean): Compare {
  const { field } = column;
  const sign = isDescending ? -1 : 1;
  if (isNumeric(field) || field.type === "boolean" || field.type === "frame") {
    const numberAt = (row: number): number => {
      if (isNumeric(field)) return field.nulls?.[row] === 1 ? NaN : field.values[row]!;
      if (field.type === "frame") return sparklineValue(field.values[row]) ?? NaN;
      const value = field.values[row];
      return value == null ? NaN : Number(value);
    };
    return (a, b) => {
      const [left, right] = [numberAt(a), numberAt(b)];
      const [noLeft, noRight] = [left !== left, right !== right];
      if (noLeft || noRight) return Number(noLeft) - Number(noRight);
      return left < right ? -sign : left > right ? sign : 0;
    };
  }
  const texts = new Map<number, string>();
  const textAt = (row: number): string => {
    let text = texts.get(row);
    if (text === undefined) texts.set(row, (text = cellText(column, row)));
    return text;
  };
  return (a, b) => {
    const [left, right] = [textAt(a), textAt(b)];
    if (left === "" || right === "") return Number(left === "") - Number(right === "");
    return sign * collator.compare(left, right);
  };
}

/**
 * Returns the rows that match the filters, sorted by several columns. The first column is the most important, and equal
 * rows keep their order.
 */
export function orderRows(
  columns: readonly TableColumn[],
  length: number,
  sorts: readonly Sort[],
  filters: Filters,
): Int32Array {
  const byKey = new Map(columns.map((column) => [column.key, column]));
  const tests = [...filters].flatMap(([key, texts]) => {
    const column = byKey.get(key);
    return column === undefined || texts.size === 0 ? [] : [(row: number) => texts.has(cellText(column, row))];
  });
  const rows = new Int32Array(length);
  let kept = 0;
  for (let row = 0; row < length; row++) if (tests.every((passes) => passes(row))) rows[kept++] = row;
  const shown = rows.subarray(0, kept);
  const compares = sorts.flatMap(({ key, isDescending }) => {
    const column = byKey.get(key);
    return column === undefined ? [] : [comparison(column, isDescending)];
  });
  if (compares.length === 0) return shown;
  return shown.sort((a, b) => {
    for (const compare of compares) {
      const order = compare(a, b);
      if (order !== 0) return order;
    }
    return a - b;
  });
}

/**
 * Returns the sort order after a click on a header, which changes from ascending to descending to unsorted. With
 * `keepsOthers`, the table also stays sorted by other columns.
 */
export function turnSort(sorts: readonly Sort[], key: string, keepsOthers: boolean): readonly Sort[] {
  const now = sorts.find((sort) => sort.key === key);
  const next =
    now === undefined ? { key, isDescending: false } : now.isDescending ? undefined : { key, isDescending: true };
  if (!keepsOthers) return next === undefined ? [] : [next];
  if (now === undefined) return [...sorts, { key, isDescending: false }];
  return sorts.flatMap((sort) => (sort.key === key ? (next ?? []) : sort));
}

/** Returns at most `limit` distinct texts of a column's cells, sorted. */
export function distinctTexts(column: TableColumn, length: number, limit: number): readonly string[] {
  const texts = new Set<string>();
  for (let row = 0; row < length && texts.size < limit; row++) texts.add(cellText(column, row));
  return [...texts].sort(collator.compare);
}
