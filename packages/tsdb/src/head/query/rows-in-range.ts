import type { HeadMemory } from "../memory/head-memory.ts";
import type { RowState } from "../concurrency/row-image.ts";
import type { SeriesRow } from "../memory/series-rows.ts";
import type { Snapshot } from "../concurrency/undo-log.ts";

/** Returns the rows that can have samples in the time range in a snapshot, in unchanged order. Throws SnapshotLost. */
export function rowsInRange(
  memory: HeadMemory,
  rows: Uint32Array,
  snapshot: Snapshot,
  from: number,
  to: number,
): Uint32Array {
  const isIn = new Uint8Array(rows.length);
  const { openBlock, lastTime, openMinTime } = memory.series.at;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    // Checks the open chunk first, because most queries need the newest samples, which are in the open chunk.
    if (openBlock[row] !== 0 && lastTime[row]! >= from && openMinTime[row]! <= to) isIn[i] = 1;
    else if (rowOverlaps(memory, row, from, to)) isIn[i] = 1;
  }
  memory.undo.correct(rows, snapshot, (state, place) => {
    isIn[place] = stateOverlaps(memory, state, from, to) ? 1 : 0;
  });
  const kept = new Uint32Array(rows.length);
  let count = 0;
  for (let i = 0; i < rows.length; i++) if (isIn[i] === 1) kept[count++] = rows[i]!;
  return kept.subarray(0, count);
}

/**
 * Returns whether any row may currently have a sample in the time range. The check is usually fast, because one of the
 * first rows has such a sample.
 * @param most number of rows that are checked
 */
export function anyRowInRange(memory: HeadMemory, from: number, to: number, most = Infinity): boolean {
  const { series } = memory;
  const last = Math.min(series.end, most + 1);
  memory.refreshViews();
  for (let row = 1; row < last; row++) if (series.at.ref[row] !== 0 && rowOverlaps(memory, row, from, to)) return true;
  return false;
}

function rowOverlaps({ series, chunks }: HeadMemory, row: SeriesRow, from: number, to: number): boolean {
  const { at } = series;
  const isOutOfOrder = at.outOfOrderOpen[row] !== 0 || at.outOfOrder[row] !== at.outOfOrderEnd[row];
  if (isOutOfOrder && at.outOfOrderMax[row]! >= from && at.outOfOrderMin[row]! <= to) return true;
  const first = at.firstChunk[row]!;
  if (first === 0 && at.openBlock[row] === 0) return false;
  const minTime = first === 0 ? at.openMinTime[row]! : chunks.minTime[first]!;
  return at.lastTime[row]! >= from && minTime <= to;
}

function stateOverlaps({ chunks }: HeadMemory, state: RowState, from: number, to: number): boolean {
  const isOutOfOrder = state.outOfOrderOpen !== 0 || state.outOfOrderFull !== state.outOfOrderEnd;
  if (isOutOfOrder && state.outOfOrderMax >= from && state.outOfOrderMin <= to) return true;
  if (state.firstChunk === 0 && state.openBlock === 0) return false;
  const minTime = state.firstChunk === 0 ? state.openMinTime : chunks.minTime[state.firstChunk]!;
  return state.lastTime >= from && minTime <= to;
}
