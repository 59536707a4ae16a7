import { setImmediate } from "node:timers/promises";
import { Labels, type Matcher } from "@narthex/model";
import { runStepByStep, type Steps } from "@narthex/runtime";
import type { Block } from "../block/block.ts";
import type { BlockTombstones } from "../block/block-tombstones.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import type { Head } from "../head/head.ts";
import { matchingRows } from "../head/query/rows-for-matchers.ts";
import { addInterval, type DeletedInterval } from "../chunk/deleted-interval.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import { seriesForMatchers } from "../select/series-for-matchers.ts";
import { logTombstones, TombstoneColumns } from "./tombstone-columns.ts";

const SERIES_PER_TURN = 1024;

/** Returns the part of an interval that is within `within`; undefined if the intervals do not overlap. */
function clamp(minTime: number, maxTime: number, within: DeletedInterval): DeletedInterval | undefined {
  const interval = { minTime: Math.max(minTime, within.minTime), maxTime: Math.min(maxTime, within.maxTime) };
  return interval.minTime <= interval.maxTime ? interval : undefined;
}

/**
 * Marks samples of the head as deleted, first in the log, then in memory, in steps of a few milliseconds. Samples that
 * are appended after the call are kept, unless their series is being processed at that moment. If the log cannot be
 * written, throws the system's error and deletes nothing.
 */
export async function deleteFromHead(
  head: Head,
  matchers: readonly Matcher[],
  minTime: number,
  maxTime: number,
): Promise<number> {
  const unpin = head.pin();
  try {
    const stones = await runStepByStep(tombstonesFor(head, matchers, { minTime, maxTime }));
    if (stones.count === 0) return 0;
    if (head.log !== undefined) await logTombstones(head.log, stones);
    for (let i = 0; i < stones.count; i++) {
      if (i % SERIES_PER_TURN === SERIES_PER_TURN - 1) await setImmediate();
      const { ref, ...interval } = stones.at(i);
      head.tombstones.add(ref, interval);
    }
    if (head.tombstones.isSparse) await runStepByStep(head.tombstones.compact());
    return stones.count;
  } finally {
    unpin();
  }
}

function* tombstonesFor(head: Head, matchers: readonly Matcher[], deleted: DeletedInterval): Steps<TombstoneColumns> {
  const { series } = head.memory;
  const rows = yield* matchingRows(head.memory, matchers);
  const stones = new TombstoneColumns(rows.length);
  for (const [i, row] of rows.entries()) {
    if (i % SERIES_PER_TURN === SERIES_PER_TURN - 1) yield;
    // Skips a series that is being removed from the head, because its reference no longer leads to its row.
    const ref = series.at.ref[row]!;
    if (ref === 0 || series.rowOf(ref) !== row) continue;
    const interval = clamp(deleted.minTime, deleted.maxTime, timesOf(head, row));
    if (interval !== undefined) stones.add(ref, interval);
  }
  return stones;
}

function timesOf(head: Head, row: SeriesRow): DeletedInterval {
  const { chunks, series } = head.memory;
  const { at } = series;
  const first = at.firstChunk[row]!;
  const open = at.openBlock[row] === 0 ? Infinity : at.openMinTime[row]!;
  const minTime = first === 0 ? open : chunks.minTime[first]!;
  const maxTime = at.lastTime[row]!;
  if (!head.outOfOrder.has(row)) return { minTime, maxTime };
  return { minTime: Math.min(minTime, at.outOfOrderMin[row]!), maxTime: Math.max(maxTime, at.outOfOrderMax[row]!) };
}

/**
 * Marks samples of a block as deleted in the block's tombstones file. Calls `visit` for each series with deleted
 * samples. Throws BlockError, and the system's errors.
 */
export async function deleteFromBlock(
  block: Block,
  matchers: readonly Matcher[],
  minTime: number,
  maxTime: number,
  visit?: (labels: Labels, interval: DeletedInterval) => void,
): Promise<number> {
  await setImmediate();
  const entry = new SeriesEntry();
  const refs = await runStepByStep(seriesForMatchers(block, matchers));
  if (refs.length === 0) return 0;
  const tombstones = await runStepByStep(copyOf(block.tombstones));
  let touched = 0;
  for (const [i, ref] of refs.entries()) {
    if (i % SERIES_PER_TURN === SERIES_PER_TURN - 1) await setImmediate();
    block.series(ref, entry);
    const interval = withinChunks(entry, minTime, maxTime);
    if (interval === undefined) continue;
    tombstones.set(ref, addInterval(tombstones.get(ref) ?? [], interval));
    visit?.(labelsOf(block, entry), interval);
    touched++;
  }
  if (touched > 0) await block.replaceTombstones(tombstones);
  return touched;
}

function* copyOf(tombstones: BlockTombstones): Steps<Map<number, readonly DeletedInterval[]>> {
  const copy = new Map<number, readonly DeletedInterval[]>();
  for (const [ref, intervals] of tombstones) {
    copy.set(ref, intervals);
    if (copy.size % SERIES_PER_TURN === 0) yield;
  }
  return copy;
}

function labelsOf(block: Block, { labels, labelCount }: SeriesEntry): Labels {
  return Labels.fromSortedPairs(Array.from(labels.subarray(0, labelCount * 2), (symbol) => block.symbol(symbol)));
}

/**
 * Returns the part of a time interval that overlaps the series' chunks; undefined if no chunk overlaps the interval.
 */
function withinChunks(entry: SeriesEntry, minTime: number, maxTime: number): DeletedInterval | undefined {
  const { chunkCount, chunkMinTime, chunkMaxTime } = entry;
  for (let i = 0; i < chunkCount; i++) {
    if (chunkMinTime[i]! <= maxTime && chunkMaxTime[i]! >= minTime) {
      return clamp(minTime, maxTime, { minTime: chunkMinTime[0]!, maxTime: chunkMaxTime[chunkCount - 1]! });
    }
  }
  return undefined;
}
