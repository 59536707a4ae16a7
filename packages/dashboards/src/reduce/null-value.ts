/** How nulls are taken: as rows that are not there, as zeros, or as rows without a value. */
export type NullValueMode = "connected" | "null as zero" | "null";

/** Null where there is no value. */
export const numberAt = (values: Float64Array, nulls: Uint8Array | undefined, row: number): number | null =>
  row < 0 || row >= values.length || nulls?.[row] === 1 ? null : values[row]!;
