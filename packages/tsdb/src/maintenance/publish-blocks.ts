import { join } from "node:path";
import { BlockError } from "../block/block-error.ts";
import type { BlockMeta } from "../block/meta.ts";
import type { MaintenanceContext } from "./context.ts";
import { retain } from "./retain.ts";

/**
 * Opens the blocks that a job has written, without blocking the event loop. Throws an error if a block cannot be read.
 * The samples may be removed from their source only after this call.
 */
export async function publishBlocks(
  context: MaintenanceContext,
  ...written: readonly (BlockMeta | undefined)[]
): Promise<void> {
  const { blocks, dir } = context.parts;
  await blocks.prepare();
  retain(context);
  const lost = written.flatMap((meta) => (meta === undefined || blocks.has(meta.ulid) ? [] : [meta.ulid]));
  const [first] = lost;
  if (first === undefined) return;
  const reason = blocks.damaged.find(({ ulid }) => ulid === first)?.reason ?? "it is not there";
  for (const ulid of lost) blocks.discard(ulid);
  throw new BlockError(join(dir, first), 0, `the block was written but cannot be read: ${reason}`);
}
