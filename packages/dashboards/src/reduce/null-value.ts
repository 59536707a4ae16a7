/**
 * How reducers treat nulls: `connected` ignores them, `null as zero` counts each null as the value 0, `null` counts
 * rows without a value.
 */
export type NullValueMode = "connected" | "null as zero" | "null";

/** Returns the number in a row, or null if the row has no value. */
export const numberAt = (values: Float64Array, nulls: Uint8Array | undefined, row: number): number | null =>
  row < 0 || row >= values.length || nulls?.[row] === 1 ? null : values[row]!;
