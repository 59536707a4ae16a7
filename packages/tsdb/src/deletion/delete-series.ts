import { setImmediate } from "node:timers/promises";
import { ByteWriter } from "@narthex/bytes";
import { Labels, type Matcher } from "@narthex/model";
import { runStepByStep } from "@narthex/runtime";
import type { Block } from "../block/block.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import type { Head } from "../head/head.ts";
import { rowsForMatchers } from "../head/query/rows-for-matchers.ts";
import { addInterval, type DeletedInterval } from "../head/memory/tombstones.ts";
import type { SeriesRow } from "../head/memory/series-rows.ts";
import { seriesForMatchers } from "../select/series-for-matchers.ts";
import { type Tombstone, writeTombstones } from "../wal/records.ts";

const SERIES_PER_TURN = 1024;

/** The part of an interval within another; undefined where they lie apart. */
function clamp(minTime: number, maxTime: number, within: DeletedInterval): DeletedInterval | undefined {
  const interval = { minTime: Math.max(minTime, within.minTime), maxTime: Math.min(maxTime, within.maxTime) };
  return interval.minTime <= interval.maxTime ? interval : undefined;
}

/**
 * Marks samples of the head as deleted, first in the log. Only what is there now: samples that come later stay. Throws
 * the system's error when the log cannot be written; nothing is deleted then.
 */
export async function deleteFromHead(
  head: Head,
  matchers: readonly Matcher[],
  minTime: number,
  maxTime: number,
): Promise<number> {
  const stones = await head.betweenCommits(() => {
    const { series } = head.memory;
    return [...rowsForMatchers(head.memory, matchers)].flatMap((row): Tombstone[] => {
      const interval = clamp(minTime, maxTime, timesOf(head, row));
      return interval === undefined ? [] : [{ ref: series.at.ref[row]!, ...interval }];
    });
  });
  if (stones.length === 0) return 0;
  const record = new ByteWriter();
  writeTombstones(record, stones);
  head.log?.wal.log(record.written);
  head.log?.flush();
  for (const [i, { ref, ...interval }] of stones.entries()) {
    if (i % SERIES_PER_TURN === SERIES_PER_TURN - 1) await setImmediate();
    head.tombstones.add(ref, interval);
  }
  if (head.tombstones.isSparse) await runStepByStep(head.tombstones.compact());
  return stones.length;
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
 * Marks samples of a block as deleted, in its tombstones file; `visit` is told of what. Throws BlockError, and the
 * system's errors.
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
  const tombstones = new Map(block.tombstones);
  let touched = 0;
  for (const [i, ref] of seriesForMatchers(block, matchers).entries()) {
    if (i % SERIES_PER_TURN === SERIES_PER_TURN - 1) await setImmediate();
    block.series(ref, entry);
    const interval = withinChunks(entry, minTime, maxTime);
    if (interval === undefined) continue;
    tombstones.set(ref, addInterval(tombstones.get(ref) ?? [], interval));
    visit?.(labelsOf(block, entry), interval);
    touched++;
  }
  if (touched > 0) block.replaceTombstones(tombstones);
  return touched;
}

function labelsOf(block: Block, { labels, labelCount }: SeriesEntry): Labels {
  return Labels.fromSortedPairs(Array.from(labels.subarray(0, labelCount * 2), (symbol) => block.symbol(symbol)));
}

/** What to delete of a series, if one of its chunks is hit. */
function withinChunks(entry: SeriesEntry, minTime: number, maxTime: number): DeletedInterval | undefined {
  const { chunkCount, chunkMinTime, chunkMaxTime } = entry;
  for (let i = 0; i < chunkCount; i++) {
    if (chunkMinTime[i]! <= maxTime && chunkMaxTime[i]! >= minTime) {
      return clamp(minTime, maxTime, { minTime: chunkMinTime[0]!, maxTime: chunkMaxTime[chunkCount - 1]! });
    }
  }
  return undefined;
}
