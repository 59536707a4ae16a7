/**
 * Values of one result series at the evaluation times of a query. `values[i]` is valid only if `present[i]` is 1.
 * Histograms are stored separately.
 */
export interface Column {
  readonly values: Float64Array;
  readonly present: Uint8Array;
}
