/**
 * One series over a grid: `values[i]` counts where `present[i]` is 1 and may hold anything elsewhere. Histograms travel
 * in a column of their own.
 */
export interface Column {
  readonly values: Float64Array;
  readonly present: Uint8Array;
}
