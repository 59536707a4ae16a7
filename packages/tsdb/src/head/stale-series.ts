import { setImmediate } from "node:timers/promises";
import { STALE_HIGH, STALE_LOW } from "@narthex/model";
import { isHistogramEncoding } from "../chunk/histogram.ts";
import type { Head } from "./head.ts";
import type { RowColumns, SeriesRow } from "./memory/series-rows.ts";

const ROWS_PER_TURN = 16_384;

/** The series that have ended: their newest sample is a stale marker, and they have no out-of-order samples. */
export interface StaleSeries {
  readonly rows: readonly SeriesRow[];
  /** Time of each series' stale marker, ms. */
  readonly lastTimes: readonly number[];
  /** Mask by row number: 1 for each row in the list. */
  readonly mask: Uint8Array;
}

/** Returns whether the newest sample of the series is a stale marker. */
function isStale(head: Head, row: SeriesRow): boolean {
  const { series } = head.memory;
  if (series.at.ref[row] === 0) return false;
  const histogram = head.histogramChunks.lastOf(row);
  return histogram === undefined ? isStaleMarker(series.at, row) : histogram.stale === true;
}

const isStaleMarker = ({ lastValueWords }: RowColumns, row: SeriesRow): boolean =>
  lastValueWords[row * 2 + 1] === STALE_HIGH && lastValueWords[row * 2] === STALE_LOW;

/**
 * Returns the number of series whose newest sample is a stale marker. Reads only few fields of a row, because each
 * scrape of the database's own metrics calls this function.
 */
export function countStale({ memory: { series }, histogramChunks }: Head): number {
  const { at, end } = series;
  let count = histogramChunks.staleCount;
  for (let row = 1; row < end; row++) {
    if (isStaleMarker(at, row) && at.ref[row] !== 0 && !isHistogramEncoding(at.openEncoding[row]!)) count++;
  }
  return count;
}

/** Finds the series that have ended. Yields to other work after a few thousand rows. */
export async function findStale(head: Head): Promise<StaleSeries> {
  const rows: SeriesRow[] = [];
  const lastTimes: number[] = [];
  const { series } = head.memory;
  for (let from = 1; from < series.end; from += ROWS_PER_TURN) {
    if (from > 1) await setImmediate();
    await head.betweenCommits(() => {
      for (let row = from; row < Math.min(series.end, from + ROWS_PER_TURN); row++) {
        if (!isStale(head, row) || head.outOfOrder.has(row)) continue;
        rows.push(row);
        lastTimes.push(series.at.lastTime[row]!);
      }
    });
  }
  const mask = new Uint8Array(series.end);
  for (const row of rows) mask[row] = 1;
  return { rows, lastTimes, mask };
}
