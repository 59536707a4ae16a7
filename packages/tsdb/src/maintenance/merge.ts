import { dirname } from "node:path";
import { endOfBlocks, inReadingOrder, isPartial } from "../block-set/block-hints.ts";
import { isLasting, isOfContents } from "../block/block-error.ts";
import type { Block } from "../block/block.ts";
import { type BlockMeta, writeMeta } from "../block/meta.ts";
import { cleanedDraft, mergedDraft, newBlockName } from "../compact/draft.ts";
import { observe } from "../metrics/buckets.ts";
import { writeHeadStart } from "../startup/head-start.ts";
import type { MaintenanceContext } from "./context.ts";
import { cleanDownsampled } from "./downsample.ts";
import { publishBlocks } from "./publish-blocks.ts";

/** Merges several blocks into one, which replaces them. */
export async function mergeBlocks(context: MaintenanceContext, sources: readonly Block[]): Promise<void> {
  const { logger } = context.parts;
  const metas = sources.map(({ meta }) => meta);
  const merged = await writeMerged(context, sources);
  let end = -Infinity;
  const overlaps = metas.map(({ minTime, maxTime }) => {
    const isWithin = minTime < end;
    end = Math.max(end, maxTime);
    return isWithin;
  });
  if (overlaps.includes(true)) context.stats.vertical++;
  logger.info("merged blocks", {
    blocks: metas.map(({ ulid }) => ulid).join(","),
    into: merged?.ulid ?? "nothing",
  });
  if (merged === undefined) removeEmpty(context, sources);
  await publishBlocks(context, merged);
}

/** Rewrites blocks without their deleted samples. */
export async function cleanTombstones(context: MaintenanceContext): Promise<void> {
  const { blocks, clock, logger, random } = context.parts;
  const start = clock.monotonic();
  for (;;) {
    const block = blocks.blocks.find(({ tombstones }) => tombstones.size > 0);
    if (block === undefined) break;
    const draft = cleanedDraft(newBlockName(clock.now(), random), block.meta);
    const meta = await context.writeFromBlocks({
      kind: "blocks",
      dir: dirname(block.dir),
      draft,
      blocks: [block.dir],
      columnar: block.isColumnar,
    });
    if (meta === undefined) removeEmpty(context, [block]);
    logger.info("cleaned a block of deleted samples", { block: block.meta.ulid, into: meta?.ulid ?? "nothing" });
    await publishBlocks(context, meta);
  }
  await cleanDownsampled(context);
  observe(context.stats.cleanups, (clock.monotonic() - start) / 1000);
}

async function writeMerged(context: MaintenanceContext, sources: readonly Block[]): Promise<BlockMeta | undefined> {
  const { clock, dir, random } = context.parts;
  const metas = sources.map(({ meta }) => meta);
  const draft = mergedDraft(newBlockName(clock.now(), random), metas);
  try {
    const paths = inReadingOrder(sources).map((block) => block.dir);
    return await context.writeFromBlocks({ kind: "blocks", dir, draft, blocks: paths });
  } catch (cause) {
    // Rethrows a temporary error, such as a full disk. The merged blocks are not the cause, so the next run merges them
    // again.
    if (!isLasting(cause)) throw cause;
    for (const block of sources) {
      context.failedBlocks.add(block.meta.ulid);
      // Marks the blocks on the disk if their contents caused the error. After a bug of this program only this process
      // skips the blocks, so that the next process tries again.
      if (isOfContents(cause)) markFailed(context, block);
    }
    throw cause;
  }
}

/**
 * Marks a block as damaged in its meta.json. If the disk refuses the mark, the next process tries to merge the block.
 */
function markFailed({ parts }: MaintenanceContext, { dir, meta }: Block): void {
  try {
    writeMeta(dir, { ...meta, compaction: { ...meta.compaction, failed: true } }, parts.files);
  } catch (err) {
    parts.logger.warn("a damaged block could not be marked; the next start merges it again", { block: meta.ulid, err });
  }
}

/**
 * Removes blocks whose samples were all deleted. The samples may still be in the log, so the start time of the head is
 * written to a file if necessary.
 */
export function removeEmpty({ parts }: MaintenanceContext, empty: readonly Block[]): void {
  const { blocks, dir, files } = parts;
  const end = endOfBlocks(blocks.blocks.map(({ meta }) => meta));
  if (empty.some(({ meta }) => !isPartial(meta) && meta.maxTime >= end)) writeHeadStart(dir, end, files);
  blocks.remove(empty);
}
