import type { BlockMeta } from "../block/meta.ts";

const OUT_OF_ORDER = "from-out-of-order";
const STALE = "from-stale-series";
/**
 * Compaction hints (in meta.json) of blocks that have only some of the samples of their time range. The head may still
 * have samples before the end of such a block.
 */
const PARTIAL = [OUT_OF_ORDER, STALE, "from-selected-series"];

/** Returns whether the block contains out-of-order samples only. */
export const isOutOfOrder = ({ compaction }: BlockMeta): boolean => compaction.hints?.includes(OUT_OF_ORDER) === true;

/** Returns whether the block contains only series that had ended and were therefore moved out of the head early. */
export const isOfStaleSeries = ({ compaction }: BlockMeta): boolean => compaction.hints?.includes(STALE) === true;

/** Returns whether the block contains only some of the samples of its time range. */
export const isPartial = ({ compaction }: BlockMeta): boolean =>
  PARTIAL.some((hint) => compaction.hints?.includes(hint));

/** Returns the latest end time of the blocks, exclusive, ms; -Infinity without blocks. */
export const endOf = (blocks: readonly { readonly meta: BlockMeta }[]): number =>
  blocks.reduce((end, { meta }) => Math.max(end, meta.maxTime), -Infinity);

/**
 * Sorts blocks by precedence: if several blocks have a sample with the same timestamp, the sample of the first block is
 * used. Blocks that do not overlap are sorted by time. Overlapping blocks are sorted by the time when their samples
 * arrived. Out-of-order samples arrived after samples in order; otherwise the block with the smaller name is older.
 */
export function inReadingOrder<B extends { readonly meta: BlockMeta }>(blocks: readonly B[]): B[] {
  const sorted = blocks.toSorted((a, b) => a.meta.minTime - b.meta.minTime);
  const ordered: B[] = [];
  let overlapping: B[] = [];
  let end = -Infinity;
  for (const block of sorted) {
    if (block.meta.minTime >= end) for (const item of overlapping.splice(0).sort(byArrival)) ordered.push(item);
    overlapping.push(block);
    end = Math.max(end, block.meta.maxTime);
  }
  for (const item of overlapping.sort(byArrival)) ordered.push(item);
  return ordered;
}

function byArrival({ meta: a }: { readonly meta: BlockMeta }, { meta: b }: { readonly meta: BlockMeta }): number {
  const order = Number(isOutOfOrder(a)) - Number(isOutOfOrder(b));
  if (order !== 0) return order;
  const [first, second] = [firstSource(a), firstSource(b)];
  if (first !== second) return first < second ? -1 : 1;
  return a.minTime - b.minTime || (a.ulid < b.ulid ? -1 : 1);
}

const firstSource = ({ ulid, compaction }: BlockMeta): string =>
  (compaction.sources ?? []).reduce(
    (first, source) => (source < first ? source : first),
    compaction.sources?.[0] ?? ulid,
  );

/**
 * Returns the time from which the head has all samples, ms: the end of the last complete block. -Infinity without
 * blocks.
 */
export const endOfBlocks = (metas: readonly BlockMeta[]): number =>
  metas.filter((meta) => !isPartial(meta)).reduce((end, { maxTime }) => Math.max(end, maxTime), -Infinity);
