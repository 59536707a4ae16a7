import type { BlockMeta } from "../block/meta.ts";

const OUT_OF_ORDER = "from-out-of-order";
const STALE = "from-stale-series";
/** Hints of blocks that hold some of the samples of their time: they do not end where the head begins. */
const PARTIAL = [OUT_OF_ORDER, STALE, "from-selected-series"];

/** Does the block hold out-of-order samples alone? */
export const isOutOfOrder = ({ compaction }: BlockMeta): boolean => compaction.hints?.includes(OUT_OF_ORDER) === true;

/** Does the block hold series that left the head when they had ended? */
export const isOfStaleSeries = ({ compaction }: BlockMeta): boolean => compaction.hints?.includes(STALE) === true;

/** Does the block hold some of the samples of its time alone? */
export const isPartial = ({ compaction }: BlockMeta): boolean =>
  PARTIAL.some((hint) => compaction.hints?.includes(hint));

/** Samples from here on are not in blocks: the head begins there. -Infinity where there is no block. */
export const endOfBlocks = (metas: readonly BlockMeta[]): number =>
  metas.filter((meta) => !isPartial(meta)).reduce((end, { maxTime }) => Math.max(end, maxTime), -Infinity);
