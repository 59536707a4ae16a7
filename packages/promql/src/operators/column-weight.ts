import { histogramWeight } from "../budget.ts";
import { FLOAT, HISTOGRAM, type SeriesColumn } from "./operator.ts";

/** Returns the number of samples as which a column is counted. */
export function columnWeight(column: SeriesColumn): number {
  let weight = 0;
  const { present } = column;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === FLOAT) weight++;
    else if (present[i] === HISTOGRAM) weight += histogramWeight(column.histograms![i]!);
  }
  return weight;
}

/** Returns the size of a column's slots, bytes. */
export const floatBytes = (slots: number): number => 9 * slots;

/** Returns the size of a held column of this weight, bytes: all its slots, including empty ones. */
export const columnBytes = ({ present, histograms }: SeriesColumn, weight: number): number =>
  floatBytes(present.length) + (histograms === undefined ? 0 : 16 * weight);
