import { type Field, findReducer, isNumeric, reduceField } from "@narthex/dashboards";
import type { FieldView } from "../panel/field-view.ts";
import type { LegendItem, LegendSettings } from "./Legend.tsx";

const COUNTS: ReadonlySet<string> = new Set(["count", "changeCount", "distinctCount", "countAll"]);

const reducedText = (calc: string, value: number | null, text: FieldView["text"]): string =>
  COUNTS.has(calc) && value !== null ? String(value) : text(value);

/** What a legend says of a series: its name, its colour, and what was asked of its values. */
export function legendItem(key: string, field: Field, view: FieldView, calcs: readonly string[]): LegendItem {
  const results = calcs.length === 0 || !isNumeric(field) ? undefined : reduceField(field, calcs);
  return {
    key,
    name: view.name,
    color: view.color,
    values: calcs.map((calc) => {
      const value = results?.get(calc);
      const numeric = typeof value === "number" ? value : null;
      return { text: reducedText(calc, numeric, view.text), numeric };
    }),
  };
}

/** What a panel's options say of its legend. */
export interface LegendChoices {
  readonly isLegendShown: boolean;
  readonly legendMode: "list" | "table" | "hidden";
  readonly legendPlacement: "bottom" | "right";
  readonly legendWidth: number | undefined;
  readonly legendValues: readonly string[];
  readonly legendSortBy: string;
  readonly legendSortDescending: boolean;
}

const reducerName = (calc: string): string => findReducer(calc)?.name ?? calc;

/** A legend as a panel's options ask for it. @param columnName what the column of a value is called */
export const legendSettings = (options: LegendChoices, columnName = reducerName): LegendSettings => ({
  mode: options.legendMode === "table" ? "table" : "list",
  placement: options.legendPlacement,
  columns: options.legendValues.map(columnName),
  sortBy: options.legendSortBy,
  sortDescending: options.legendSortDescending,
});
