import { randomInt } from "node:crypto";
import type { BlockDraft, BlockMeta } from "../block/meta.ts";
import { newUlid } from "../block/ulid.ts";

const RANDOM_RANGE = 2 ** 32;

const random = (): number => randomInt(RANDOM_RANGE) / RANDOM_RANGE;

/** Returns a name for a block that is created at `now`, ms. `draw` returns random numbers in [0, 1). */
export const newBlockName = (now: number, draw: () => number = random): string => newUlid(Math.floor(now), draw);

/** Block name that represents the head in the list of a block's parents. */
export const NO_BLOCK = "00000000000000000000000000";

/** Compaction hints that a merged block has only if all of its parents have them. */
const PARTIAL_HINTS = ["from-stale-series", "from-selected-series"];

/**
 * The samples of the head that a block contains: "out-of-order" means samples that arrived out of order, "stale" means
 * samples of ended series.
 */
export type HeadPart = "all" | "out-of-order" | "stale";

const HINTS = { "out-of-order": "from-out-of-order", stale: "from-stale-series" } as const;

/** Returns the first version of the meta.json for a block that is written from the head; `maxTime` is exclusive. */
export const headDraft = (ulid: string, minTime: number, maxTime: number, part: HeadPart = "all"): BlockDraft => ({
  ulid,
  minTime,
  maxTime,
  compaction: {
    level: 1,
    sources: [ulid],
    ...(part === "all" ? {} : { parents: [{ ulid: NO_BLOCK, minTime: 0, maxTime: 0 }], hints: [HINTS[part]] }),
  },
});

/** Returns the first version of the meta.json for a block that is merged from several blocks. */
export function mergedDraft(ulid: string, metas: readonly BlockMeta[]): BlockDraft {
  const levels = metas.map(({ compaction }) => compaction.level);
  const sources = new Set(metas.flatMap(({ compaction }) => compaction.sources ?? []));
  const hints = PARTIAL_HINTS.filter((hint) => metas.every((meta) => meta.compaction.hints?.includes(hint)));
  return {
    ulid,
    minTime: metas.map((meta) => meta.minTime).reduce((a, b) => Math.min(a, b), Infinity),
    maxTime: metas.map((meta) => meta.maxTime).reduce((a, b) => Math.max(a, b), -Infinity),
    compaction: {
      level: levels.reduce((a, b) => Math.max(a, b), -Infinity) + 1,
      sources: [...sources].sort(),
      parents: metas.map(descriptionOf),
      ...(hints.length > 0 ? { hints } : {}),
    },
  };
}

/** Returns the first version of the meta.json for a block that is rewritten without its deleted samples. */
export function cleanedDraft(ulid: string, meta: BlockMeta): BlockDraft {
  const { hints } = meta.compaction;
  return {
    ulid,
    minTime: meta.minTime,
    maxTime: meta.maxTime,
    compaction: {
      level: 1,
      sources: [ulid],
      parents: [descriptionOf(meta)],
      ...(hints === undefined ? {} : { hints }),
    },
  };
}

/**
 * Returns the first version of the meta.json for a block whose samples are rewritten in another format. Only the name
 * changes.
 */
export function rewrittenDraft(ulid: string, meta: BlockMeta): BlockDraft {
  const { level, sources = [], hints } = meta.compaction;
  return {
    ulid,
    minTime: meta.minTime,
    maxTime: meta.maxTime,
    compaction: { level, sources, parents: [descriptionOf(meta)], ...(hints === undefined ? {} : { hints }) },
  };
}

const descriptionOf = ({ ulid, minTime, maxTime }: BlockMeta): { ulid: string; minTime: number; maxTime: number } => ({
  ulid,
  minTime,
  maxTime,
});
