import { setImmediate } from "node:timers/promises";
import type { Labels, Matcher } from "@narthex/model";
import { recordedWait, type SelectHints } from "@narthex/storage";
import type { Block } from "../block/block.ts";
import type { BlockTombstones, DeletedInterval } from "../block/block-tombstones.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import { SelectionChunks } from "./selection-chunks.ts";
import { type Candidates, candidatesFor } from "./series-for-matchers.ts";
import { SymbolTexts } from "./symbol-texts.ts";

/** Number of series that are visited before the function yields to other work. */
const SERIES_PER_TURN = 4096;

/** The series of a block that a query selects, in order, with their chunks in the time range. */
export interface BlockSelection {
  readonly block: Block;
  /**
   * Tombstones (deletions) of the block at the time of the selection. After further deletions the selection is not
   * valid any more.
   */
  readonly tombstones: BlockTombstones;
  readonly labels: readonly Labels[];
  readonly chunks: SelectionChunks;
  /** Deleted time intervals, by index of the series. Undefined if nothing in the block is deleted. */
  readonly deleted: readonly (readonly DeletedInterval[] | undefined)[] | undefined;
}

/** Options of a selection from a block, without the time range. */
export interface SelectionHints extends Pick<SelectHints, "limit" | "waits"> {
  readonly signal?: AbortSignal | undefined;
}

/** Selects the series of a block that have a chunk overlapping [from, to]. Throws BlockError. */
export async function selectFromBlock(
  block: Block,
  matchers: readonly Matcher[],
  from: number,
  to: number,
  hints: SelectionHints,
): Promise<BlockSelection> {
  const texts = new SymbolTexts(block);
  const chunks = new SelectionChunks(from, to);
  const { tombstones } = block;
  const labels: Labels[] = [];
  const deleted: (readonly DeletedInterval[] | undefined)[] = [];
  const read = block.series.bind(block);
  await forEachCandidate(candidatesFor(block, matchers, texts), read, hints, (entry, ref) => {
    const intervals = tombstones.get(ref);
    if (!chunks.add(entry, intervals)) return true;
    labels.push(texts.labels(entry));
    deleted.push(intervals);
    return labels.length !== hints.limit;
  });
  return { block, tombstones, labels, chunks, deleted: tombstones.size === 0 ? undefined : deleted };
}

/**
 * Calls `visit` with the series that satisfy all matchers, in order, until it returns false.
 * @param read reads a series of the block, with or without its chunks
 */
export async function forEachCandidate(
  { refs, accepts }: Candidates,
  read: (ref: number, into: SeriesEntry) => void,
  { signal, waits }: Pick<SelectionHints, "signal" | "waits">,
  visit: (entry: SeriesEntry, ref: number) => boolean,
): Promise<void> {
  const entry = new SeriesEntry();
  signal?.throwIfAborted();
  for (let i = 0; i < refs.length; i++) {
    if (i % SERIES_PER_TURN === SERIES_PER_TURN - 1) {
      await recordedWait(waits, "turn", setImmediate());
      signal?.throwIfAborted();
    }
    read(refs[i]!, entry);
    if (accepts(entry) && !visit(entry, refs[i]!)) return;
  }
}
