import type { BlockMeta } from "./block/meta.ts";

/** Hints of blocks that hold some of the samples of their time: they do not end where the head begins. */
const PARTIAL = ["from-out-of-order", "from-stale-series", "from-selected-series"];

/** Samples from here on are not in blocks: the head begins there. -Infinity where there is no block. */
export const endOfBlocks = (metas: readonly BlockMeta[]): number =>
  metas
    .filter(({ compaction }) => !PARTIAL.some((hint) => compaction.hints?.includes(hint)))
    .reduce((end, { maxTime }) => Math.max(end, maxTime), -Infinity);
