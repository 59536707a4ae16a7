/**
 * One series on a grid: `values[i]` is valid if `present[i]` is 1, and undefined otherwise. Histograms are in a
 * separate column.
 */
export interface Column {
  readonly values: Float64Array;
  readonly present: Uint8Array;
}
