import { histogramWeight } from "../budget.ts";
import { FLOAT, HISTOGRAM, type SeriesColumn } from "./operator.ts";

/**
 * Returns the number of samples that a series counts for in the sample limit. A histogram counts as several samples.
 */
export function columnWeight(column: SeriesColumn): number {
  let weight = 0;
  const { present } = column;
  for (let i = 0; i < present.length; i++) {
    if (present[i] === FLOAT) weight++;
    else if (present[i] === HISTOGRAM) weight += histogramWeight(column.histograms![i]!);
  }
  return weight;
}

/** Returns the memory in bytes for `slots` evaluation times of a series of floats. */
export const floatBytes = (slots: number): number => 9 * slots;

/**
 * Returns the memory in bytes for a series that counts as `weight` samples, including evaluation times without a
 * sample.
 */
export const columnBytes = ({ present, histograms }: SeriesColumn, weight: number): number =>
  floatBytes(present.length) + (histograms === undefined ? 0 : 16 * weight);
