import type { BlockMeta } from "./block/meta.ts";

/** Hint of blocks that do not end where the head begins. */
const OUT_OF_ORDER = "from-out-of-order";

/** Samples from here on are not in blocks: the head begins there. -Infinity where there is no block. */
export const endOfBlocks = (metas: readonly BlockMeta[]): number =>
  metas
    .filter(({ compaction }) => compaction.hints?.includes(OUT_OF_ORDER) !== true)
    .reduce((end, { maxTime }) => Math.max(end, maxTime), -Infinity);
