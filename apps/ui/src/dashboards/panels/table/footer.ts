import { findReducer, joinFormatted, pickRows, reduceField } from "@narthex/dashboards";
import type { TableOptions } from "./options.ts";
import type { TableColumn } from "./table-columns.ts";

/** A line of a column's footer. */
export interface FooterLine {
  /** Name of the reducer; empty if all columns have the same reducer. */
  readonly name: string;
  readonly text: string;
}

const footerReducersOf = (column: TableColumn, options: TableOptions): readonly string[] => {
  if (column.options.footerReducers.length > 0) return column.options.footerReducers;
  if (!options.isFooterShown || column.field.type !== "number") return [];
  const { footerFields } = options;
  if (footerFields.length > 0 && !footerFields.includes(column.name) && !footerFields.includes(column.field.name))
    return [];
  return options.footerReducers;
};

function reducedText({ display }: TableColumn, reducer: string, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.slice(0, 100).map(String).join(", ");
  if (findReducer(reducer)?.preservesUnit === false && typeof value === "number")
    return Number.isInteger(value) ? String(value) : value.toPrecision(4);
  return typeof value === "boolean" ? String(value) : joinFormatted(display(value));
}

/** Returns the footer lines of each column, computed from the shown rows; undefined if no column has a footer. */
export function footerLines(
  columns: readonly TableColumn[],
  rows: Int32Array,
  options: TableOptions,
): readonly (readonly FooterLine[])[] | undefined {
  if (options.isFooterShown && options.areRowsCounted && options.footerReducers.includes("count"))
    return columns.map((_column, index) => (index === 0 ? [{ name: "Count", text: String(rows.length) }] : []));
  const reducers = columns.map((column) => footerReducersOf(column, options));
  if (reducers.every((ids) => ids.length === 0)) return undefined;
  return columns.map((column, index) => {
    const ids = reducers[index]!;
    if (ids.length === 0) return [];
    const results = reduceField(pickRows(column.field, rows), ids);
    return ids.flatMap((id): FooterLine[] => {
      const reducer = findReducer(id);
      return reducer === undefined ? [] : [{ name: reducer.name, text: reducedText(column, id, results.get(id)) }];
    });
  });
}
