import { isPartial } from "../block-set/block-hints.ts";
import type { BlockMeta, DownsampledSource } from "../block/meta.ts";
import { NO_BLOCK } from "../compact/draft.ts";

interface Described {
  readonly meta: BlockMeta;
}

/** Downsampled blocks that something is to be read of, and until when, ms, exclusive. */
export interface NeededBlocks<B> {
  readonly blocks: readonly B[];
  readonly before: number;
}

/** What is told of a block that another one is made of. */
export const sourceOf = (meta: BlockMeta): DownsampledSource => ({
  minTime: meta.minTime,
  maxTime: meta.maxTime,
  names: namesOf(meta),
});

const namesOf = ({ compaction, ulid }: BlockMeta): readonly string[] => compaction.sources ?? [ulid];

/** The downsampled blocks that were made of blocks which are gone, among others perhaps. */
export function neededBlocks<B extends Described>(
  downsampled: readonly B[],
  raw: readonly Described[],
): NeededBlocks<B> {
  const names = new Set(raw.flatMap(({ meta }) => namesOf(meta)));
  const rewritten = raw.map(({ meta }) => meta).filter(isRewritten);
  rewritten.sort((a, b) => a.minTime - b.minTime);
  const isGone = (source: DownsampledSource): boolean =>
    !source.names.every((name) => names.has(name)) && !cover(rewritten, source);
  const blocks: B[] = [];
  let before = -Infinity;
  for (const block of downsampled) {
    const gone = block.meta.downsampled!.sources.filter(isGone);
    if (gone.length === 0) continue;
    blocks.push(block);
    for (const { maxTime } of gone) before = Math.max(before, Math.min(maxTime, block.meta.maxTime));
  }
  return { blocks, before };
}

/**
 * Was the block made of other blocks, perhaps without what was deleted of them? Then it has another name than they, and the
 * samples of its time range. What was imported for that time is no such block.
 */
const isRewritten = (meta: BlockMeta): boolean =>
  !isPartial(meta) && meta.compaction.parents?.some(({ ulid }) => ulid !== NO_BLOCK) === true;

/** Is there no moment of the source that none of the blocks, oldest first, has? */
function cover(blocks: readonly BlockMeta[], { minTime, maxTime }: DownsampledSource): boolean {
  let end = minTime;
  for (const block of blocks) {
    if (block.minTime > end || end >= maxTime) break;
    end = Math.max(end, block.maxTime);
  }
  return end >= maxTime;
}
