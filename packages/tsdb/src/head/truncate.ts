import { setImmediate } from "node:timers/promises";
import { runStepByStep } from "@narthex/runtime";
import type { Head } from "./head.ts";
import type { SeriesRow } from "./memory/series-rows.ts";

/**
 * Number of rows that are visited in one turn of the event loop. ENTRIES_PER_TURN is the number of index entries that
 * are rewritten.
 */
const ROWS_PER_TURN = 2048;
const ENTRIES_PER_TURN = 32_768;
/** Fixed cost of rewriting the postings list of one label pair, as a number of list entries. */
const ENTRIES_PER_PAIR = 16;

export interface Truncation {
  readonly chunks: number;
  readonly series: readonly number[];
}

/**
 * Removes chunks that end before `minTime`, and then series without samples. Yields to the event loop every few
 * milliseconds, so that appends and queries continue.
 */
export async function truncateHead(head: Head, minTime: number): Promise<Truncation> {
  const { series } = head.memory;
  let chunks = 0;
  let oldest = Infinity;
  const empty: SeriesRow[] = [];
  for (let from = 1; from < series.end; from += ROWS_PER_TURN) {
    if (from > 1) await setImmediate();
    head.memory.beginChange();
    for (let row = from; row < Math.min(series.end, from + ROWS_PER_TURN); row++) {
      if (series.at.ref[row] === 0) continue;
      chunks += dropChunks(head, row, minTime);
      oldest = Math.min(oldest, firstTime(head, row));
      if (isEmpty(head, row)) empty.push(row);
    }
    head.memory.endChange();
  }
  const removed = await removeSeries(head, empty);
  head.minTime = head.maxTime === -Infinity ? Infinity : Math.max(head.minTime, Math.min(oldest, head.maxTime));
  head.minValidTime = Math.max(head.minValidTime, minTime);
  await runStepByStep(head.tombstones.truncate(Math.min(minTime, head.outOfOrder.minTime)));
  head.counters.chunksRemoved += chunks;
  head.counters.seriesRemoved += removed.length;
  return { chunks, series: removed };
}

/**
 * Removes the given series with all their samples, because a block now contains the samples. Keeps a series if `mayGo`
 * no longer accepts it, if it has out-of-order samples, or if a transaction uses it. The head's time range does not
 * change.
 */
export async function evictSeries(
  head: Head,
  rows: readonly SeriesRow[],
  mayGo: (row: SeriesRow, index: number) => boolean,
): Promise<Truncation> {
  const emptied: SeriesRow[] = [];
  let chunks = 0;
  for (let from = 0; from < rows.length; from += ROWS_PER_TURN) {
    if (from > 0) await setImmediate();
    head.memory.beginChange();
    for (let i = from; i < Math.min(rows.length, from + ROWS_PER_TURN); i++) {
      const row = rows[i]!;
      if (head.memory.series.at.ref[row] === 0 || head.outOfOrder.has(row) || !head.isIdle(row)) continue;
      if (!mayGo(row, i)) continue;
      chunks += dropChunks(head, row, Infinity);
      emptied.push(row);
    }
    head.memory.endChange();
  }
  const removed = await removeSeries(head, emptied);
  head.counters.chunksRemoved += chunks;
  head.counters.seriesRemoved += removed.length;
  return { chunks, series: removed };
}

function dropChunks(head: Head, row: SeriesRow, minTime: number): number {
  const { series, chunks } = head.memory;
  const { at } = series;
  let dropped = 0;
  head.memory.beforeChange(row);
  for (let id = at.firstChunk[row]!; id !== 0 && chunks.maxTime[id]! < minTime; dropped++) {
    const next = chunks.next[id]!;
    // Keeps the next chunk's link (`previous`) to the removed chunk, because earlier readers still follow it. Later
    // readers stop at `firstChunk`.
    series.rows.dropFirstChunk(row, next);
    chunks.remove(id);
    id = next;
  }
  if (at.openBlock[row] !== 0 && at.lastTime[row]! < minTime) {
    head.histogramChunks.forget(row);
    head.xor2Chunks.forget(row);
    head.floats.drop(row);
    dropped++;
  }
  return dropped;
}

const isEmpty = (head: Head, row: SeriesRow): boolean => {
  const { at } = head.memory.series;
  return at.firstChunk[row] === 0 && at.openBlock[row] === 0 && !head.outOfOrder.has(row) && head.isIdle(row);
};

function firstTime(head: Head, row: SeriesRow): number {
  const { series, chunks } = head.memory;
  const first = series.at.firstChunk[row]!;
  if (first !== 0) return chunks.minTime[first]!;
  return series.at.openBlock[row] === 0 ? Infinity : series.at.openMinTime[row]!;
}

async function removeSeries(head: Head, candidates: readonly SeriesRow[]): Promise<number[]> {
  const { series, postings } = head.memory;
  // Uses arrays for the flags of rows and label pairs, because a Set of a million entries would take tens of
  // milliseconds to grow.
  const isRemoved = new Uint8Array(series.end);
  const isNoted = new Uint8Array(postings.name.length);
  const gone: SeriesRow[] = [];
  const pairs: number[] = [];
  const refs: number[] = [];
  for (let from = 0; from < candidates.length; from += ROWS_PER_TURN) {
    if (from > 0) await setImmediate();
    head.memory.beginChange();
    for (const row of candidates.slice(from, from + ROWS_PER_TURN)) {
      // Skips a series that has got samples since it was selected for removal.
      if (series.at.ref[row] === 0 || !isEmpty(head, row)) continue;
      isRemoved[row] = 1;
      gone.push(row);
      refs.push(series.at.ref[row]!);
      head.metadata.delete(series.at.ref[row]!);
      head.histogramChunks.forget(row);
      head.xor2Chunks.forget(row);
      series.detach(row);
      for (let i = 0; i < series.at.labelCount[row]!; i++) {
        const pair = series.pairAt(row, i);
        if (isNoted[pair] === 0) pairs.push(pair);
        isNoted[pair] = 1;
      }
    }
    head.memory.endChange();
  }
  const change = (work: () => void): void => {
    head.memory.beginChange();
    work();
    head.memory.endChange();
  };
  let entries = 0;
  for (const pair of pairs) {
    entries += postings.count[pair]! + ENTRIES_PER_PAIR;
    const steps = postings.removeSeries(pair, (row) => isRemoved[row] === 1, change);
    while (steps.next().done !== true) await setImmediate();
    if (entries < ENTRIES_PER_TURN) continue;
    entries = 0;
    await setImmediate();
  }
  for (let from = 0; from < gone.length; from += ROWS_PER_TURN) {
    if (from > 0) await setImmediate();
    head.memory.beginChange();
    for (const row of gone.slice(from, from + ROWS_PER_TURN)) series.release(row);
    head.memory.endChange();
  }
  return refs;
}
