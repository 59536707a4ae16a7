/** Replaces nulls in a column by NaN. */
export const withoutNulls = (values: Float64Array, nulls: Uint8Array | undefined): Float64Array =>
  nulls === undefined ? values : values.map((value, row) => ((nulls[row] ?? 0) === 0 ? value : NaN));
