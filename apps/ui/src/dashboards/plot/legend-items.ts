import { type Field, findReducer, isNumeric, reduceField, relativeDifference } from "@narthex/dashboards";
import type { FieldView } from "../contracts/field-view.ts";
import { shareText } from "./difference-text.ts";
import type { LegendItem, LegendSettings } from "../../plot/Legend.tsx";

const COUNTS: ReadonlySet<string> = new Set(["count", "changeCount", "distinctCount", "countAll"]);

const reducedText = (calc: string, value: number | null, text: FieldView["text"]): string =>
  COUNTS.has(calc) && value !== null ? String(value) : text(value);

const resultsOf = (field: Field | undefined, calcs: readonly string[]) =>
  calcs.length === 0 || field === undefined || !isNumeric(field) ? undefined : reduceField(field, calcs);

/**
 * Returns the legend item of a series: its name, its colour, and its reduced values.
 * @param earlier the same series in the comparison period; if given, each value's text contains the difference
 */
export function legendItem(
  key: string,
  field: Field,
  view: FieldView,
  calcs: readonly string[],
  earlier?: Field,
): LegendItem {
  const results = resultsOf(field, calcs);
  const before = resultsOf(earlier, calcs);
  return {
    key,
    name: view.name,
    color: view.color,
    values: calcs.map((calc) => {
      const value = results?.get(calc);
      const numeric = typeof value === "number" ? value : null;
      const text = reducedText(calc, numeric, view.text);
      const then = before?.get(calc);
      const share = typeof then !== "number" || numeric === null ? undefined : relativeDifference(numeric, then);
      return { text: share === undefined ? text : `${text} (${shareText(share)})`, numeric };
    }),
  };
}

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

/**
 * Converts panel options to legend settings.
 * @param columnName returns the header of a value's column
 */
export const legendSettings = (options: LegendChoices, columnName = reducerName): LegendSettings => ({
  mode: options.legendMode === "table" ? "table" : "list",
  placement: options.legendPlacement,
  columns: options.legendValues.map(columnName),
  sortBy: options.legendSortBy,
  sortDescending: options.legendSortDescending,
});
