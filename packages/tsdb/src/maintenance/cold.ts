import { coldFolder } from "../block-set/block-folders.ts";
import type { Block } from "../block/block.ts";
import { isLasting } from "../block/block-error.ts";
import { newBlockName, rewrittenDraft } from "../compact/draft.ts";
import type { MaintenanceContext } from "./context.ts";
import { removeEmpty } from "./merge.ts";
import { publishBlocks } from "./publish-blocks.ts";

/**
 * Replaces a block in Prometheus' format by a columnar block. If the block is found to be damaged, later runs skip it.
 */
export async function moveToCold(context: MaintenanceContext, block: Block): Promise<void> {
  const { clock, logger, random } = context.parts;
  const draft = rewrittenDraft(newBlockName(clock.now(), random), block.meta);
  const dir = coldFolder(context.parts.dir, context.parts.files);
  const before = block.sizeBytes;
  try {
    const meta = await context.writeFromBlocks({ kind: "blocks", dir, draft, blocks: [block.dir], columnar: true });
    if (meta === undefined) removeEmpty(context, [block]);
    await publishBlocks(context, meta);
    const after = context.parts.blocks.blocks.find((other) => other.meta.ulid === meta?.ulid)?.sizeBytes ?? 0;
    const fields = { block: block.meta.ulid, into: meta?.ulid ?? "nothing", bytesBefore: before, bytes: after };
    logger.info("moved a block to the cold tier", fields);
  } catch (cause) {
    // Marks the block as failed only after a lasting error. Other errors, such as errors of the operating system or the
    // end of a thread, may be temporary.
    if (isLasting(cause)) context.failedBlocks.add(block.meta.ulid);
    throw cause;
  }
}

/** Writes the samples of a columnar block as a block in Prometheus' format, into the folder `dir`. */
export async function writeHot({ parts }: MaintenanceContext, block: Block, dir: string): Promise<void> {
  const { ulid, minTime, maxTime, compaction } = block.meta;
  await parts.compactor.run({
    kind: "blocks",
    dir,
    draft: { ulid, minTime, maxTime, compaction },
    blocks: [block.dir],
  });
}
