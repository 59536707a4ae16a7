/**
 * One series over a grid: `values[i]` counts where `present[i]` is 1 and may hold anything elsewhere. Histograms travel
 * in a column of their own.
 */
export interface Column {
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

/** An empty column of `count` slots. */
export const createColumn = (count: number): Column => ({
  values: new Float64Array(count),
  present: new Uint8Array(count),
});
