import { type Field, findReducer, isNumeric, reduceField } from "@narthex/dashboards";
import type { FieldView } from "../panel/field-view.ts";
import type { LegendItem } from "./Legend.tsx";

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

/** What the columns of such values are called. */
export const legendColumns = (calcs: readonly string[]): readonly string[] =>
  calcs.map((calc) => findReducer(calc)?.name ?? calc);
