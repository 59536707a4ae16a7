import { isPartial } from "../block-set/block-hints.ts";
import type { BlockMeta, DownsampledSource } from "../block/meta.ts";
import { NO_BLOCK } from "../compact/draft.ts";

interface Described {
  readonly meta: BlockMeta;
}

/**
 * Downsampled blocks that replace removed source blocks in a query, and the end of the time range in which the query
 * reads them (exclusive, ms).
 */
export interface NeededBlocks<B> {
  readonly blocks: readonly B[];
  readonly before: number;
}

/** Returns the description of a source block, as stored in the meta.json of the downsampled block. */
export const sourceOf = (meta: BlockMeta): DownsampledSource => ({
  minTime: meta.minTime,
  maxTime: meta.maxTime,
  names: namesOf(meta),
});

const namesOf = ({ compaction, ulid }: BlockMeta): readonly string[] => compaction.sources ?? [ulid];

/** Returns the downsampled blocks that are needed because some of their source blocks were removed. */
export function neededBlocks<B extends Described>(
  downsampled: readonly B[],
  raw: readonly Described[],
): NeededBlocks<B> {
  const names = new Set(raw.flatMap(({ meta }) => namesOf(meta)));
  const rewritten = raw.map(({ meta }) => meta).filter(isRewritten);
  rewritten.sort((a, b) => a.minTime - b.minTime);
  const isRemoved = (source: DownsampledSource): boolean =>
    !source.names.every((name) => names.has(name)) && !cover(rewritten, source);
  const blocks: B[] = [];
  let before = -Infinity;
  for (const block of downsampled) {
    const gone = block.meta.downsampled!.sources.filter(isRemoved);
    if (gone.length === 0) continue;
    blocks.push(block);
    for (const { maxTime } of gone) before = Math.max(before, Math.min(maxTime, block.meta.maxTime));
  }
  return { blocks, before };
}

/**
 * Returns whether the block was made from other blocks. If so, the block replaces those blocks in their time range. An
 * imported block replaces no other blocks.
 */
const isRewritten = (meta: BlockMeta): boolean =>
  !isPartial(meta) && meta.compaction.parents?.some(({ ulid }) => ulid !== NO_BLOCK) === true;

/** Returns whether the blocks, oldest first, cover the whole time range of the source. */
function cover(blocks: readonly BlockMeta[], { minTime, maxTime }: DownsampledSource): boolean {
  let end = minTime;
  for (const block of blocks) {
    if (block.minTime > end || end >= maxTime) break;
    end = Math.max(end, block.maxTime);
  }
  return end >= maxTime;
}
