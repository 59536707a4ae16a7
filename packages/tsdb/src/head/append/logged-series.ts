import type { ByteWriter } from "@narthex/bytes";
import type { SeriesRow } from "../memory/series-rows.ts";

/** The part of a series table that the log uses: labels and references, by row (0 for a free row). */
export interface LoggedSeries {
  readonly at: { readonly ref: ArrayLike<number> };
  /** Writes the labels of a row in the format of log records. */
  writeLabels(into: ByteWriter, row: SeriesRow): void;
}
