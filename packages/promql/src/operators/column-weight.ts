import { histogramWeight } from "../budget.ts";
import { FLOAT, HISTOGRAM, type SeriesColumn } from "./operator.ts";

/** Returns how many samples a series counts for in the limit of samples. A histogram counts as several. */
export function columnWeight(column: SeriesColumn): number {
  let weight = 0;
  const { present } = column;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === FLOAT) weight++;
    else if (present[i] === HISTOGRAM) weight += histogramWeight(column.histograms![i]!);
  }
  return weight;
}

/** Returns the memory in bytes for `slots` float samples of a result. */
export const floatBytes = (slots: number): number => 9 * slots;

/**
 * Returns the memory in bytes for a series that counts as `weight` samples, including evaluation times without a
 * sample.
 */
export const columnBytes = ({ present, histograms }: SeriesColumn, weight: number): number =>
  floatBytes(present.length) + (histograms === undefined ? 0 : 16 * weight);
