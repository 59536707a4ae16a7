import type { ByteWriter } from "@narthex/bytes";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Series of which the log tells: by row their references, 0 in rows that are free, and their labels. */
export interface LoggedSeries {
  readonly at: { readonly ref: ArrayLike<number> };
  /** Writes the labels of a row as records of the log hold them. */
  writeLabels(into: ByteWriter, row: SeriesRow): void;
}
