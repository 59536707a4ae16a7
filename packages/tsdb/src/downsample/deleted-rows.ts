import type { SampleAggregates } from "@narthex/storage";
import type { DeletedInterval } from "../block/block-tombstones.ts";

/**
 * Removes rows of aggregates that include a deleted sample, from index `first` on. Other samples in such a row are lost
 * too, because an aggregate cannot be separated into samples.
 */
export function dropDeletedRows(rows: SampleAggregates, deleted: readonly DeletedInterval[], first: number): void {
  if (deleted.length === 0) return;
  let kept = first;
  for (let row = first; row < rows.rows; row++) {
    const [from, to] = [rows.firstTime(row), rows.time[row]!];
    if (deleted.some(({ minTime, maxTime }) => minTime <= to && maxTime >= from)) continue;
    if (kept !== row) rows.move(row, kept);
    kept++;
  }
  rows.rows = kept;
}
