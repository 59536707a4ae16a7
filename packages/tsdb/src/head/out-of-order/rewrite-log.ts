import { SampleColumns } from "@narthex/storage";
import type { HeadMemory } from "../memory/head-memory.ts";
import { readOutOfOrder } from "./out-of-order-columns.ts";
import type { OutOfOrderLog } from "./out-of-order-log.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/** Number of samples that are written to the log in one flush. */
const SAMPLES_PER_FLUSH = 4096;

/**
 * Writes all out-of-order samples to new segments of their log, without chunk markers. Removes the older segments after
 * the new segments are synced. On failure, throws the system's error; the log then has the older segments and some or
 * all of the new segments.
 */
export async function rewriteOutOfOrderLog(memory: HeadMemory, log: OutOfOrderLog): Promise<void> {
  const { series } = memory;
  const segment = log.nextSegment();
  const found = new SampleColumns(64);
  let unflushed = 0;
  for (let row = 1; row < series.end; row++) {
    if (series.at.ref[row] === 0) continue;
    logSeries(memory, row, found, log);
    unflushed += found.count;
    if (unflushed < SAMPLES_PER_FLUSH) continue;
    log.flush();
    unflushed = 0;
  }
  log.flush();
  await log.wal.sync();
  log.truncate(segment);
  await log.syncRemovals();
}

function logSeries({ chunks, series }: HeadMemory, row: SeriesRow, found: SampleColumns, log: OutOfOrderLog): void {
  const { at } = series;
  found.reset();
  const outOfOrder = { open: at.outOfOrderOpen[row]!, full: at.outOfOrder[row]!, end: at.outOfOrderEnd[row]! };
  readOutOfOrder(chunks, outOfOrder, -Infinity, Infinity, found);
  const { timestamps, valueWords: words, histograms, startTimestamps: starts } = found;
  for (let i = 0; i < found.count; i++) {
    log.sample({
      row,
      ref: at.ref[row]!,
      time: timestamps[i]!,
      high: words[i * 2 + 1]!,
      low: words[i * 2]!,
      start: starts?.[i] ?? 0,
      histogram: histograms?.[i],
    });
  }
}
