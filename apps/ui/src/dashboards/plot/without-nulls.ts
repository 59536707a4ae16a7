/** Returns the values of a column in which nulls are replaced by NaN. */
export const withoutNulls = (values: Float64Array, nulls: Uint8Array | undefined): Float64Array =>
  nulls === undefined ? values : values.map((value, row) => ((nulls[row] ?? 0) === 0 ? value : NaN));
