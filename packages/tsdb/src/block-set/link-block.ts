import { basename, join } from "node:path";
import type { Block } from "../block/block.ts";
import type { Files } from "../files.ts";

/**
 * Copies a block into the folder `dir` by hard links to its files, which remain readable after the block is removed.
 * Throws the system's errors.
 */
export async function linkBlock(block: Block, dir: string, files: Files): Promise<void> {
  await linkFolder(block.dir, join(dir, basename(block.dir)), files);
}

async function linkFolder(from: string, to: string, files: Files): Promise<void> {
  files.makeFolder(to);
  for (const name of files.list(from)) {
    const path = join(from, name);
    if (name.endsWith(".tmp")) continue;
    if (files.stat(path).isFolder) await linkFolder(path, join(to, name), files);
    else files.link(path, join(to, name));
  }
  await files.syncFolder(to);
}
