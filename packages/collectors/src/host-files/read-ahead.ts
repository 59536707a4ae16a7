import { closeSync, constants, openSync, read as readFd } from "node:fs";
import { promisify } from "node:util";
import { mapWithLimit } from "@narthex/runtime";
import { MAX_DRIVER_READS } from "../thread-pool.ts";
import type { FileTree } from "./host-files.ts";

/** Reads one file of a driver on another thread. Rejects with Node's error. */
export type DriverRead = (path: string) => Promise<string>;

/** Size in bytes of the kernel's buffer for a sysfs file. A shorter read has reached the end of the file. */
const PAGE_BYTES = 4096;

/** Number of free threads for driver files, and the queue of reads that wait for a thread. */
let free = MAX_DRIVER_READS;
const waiting: (() => void)[] = [];

/** Reads a file on another thread, because the read may sleep in the driver. Opens the file on this thread. */
async function readOnThread(path: string): Promise<string> {
  if (free === 0) await new Promise<void>((resolve) => void waiting.push(resolve));
  else free--;
  try {
    return await readOpened(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}

const readInPool = promisify(readFd);

async function readOpened(fd: number): Promise<string> {
  const page = Buffer.allocUnsafe(PAGE_BYTES);
  const pages: Buffer[] = [];
  try {
    for (;;) {
      const { bytesRead } = await readInPool(fd, page, 0, PAGE_BYTES, null);
      // Most files have one page.
      if (bytesRead < PAGE_BYTES && pages.length === 0) return page.toString("utf8", 0, bytesRead);
      pages.push(Buffer.from(page.subarray(0, bytesRead)));
      if (bytesRead < PAGE_BYTES) return Buffer.concat(pages).toString();
    }
  } finally {
    closeSync(fd);
  }
}

/**
 * Calls `use` with a file tree in which the given files are already in memory. Other threads read the files, because
 * their drivers may sleep. With `isParallel`, several files are read at the same time; otherwise one after the other,
 * so that a dead device cannot block all threads. Calls `use` immediately if no files are given.
 */
export function withDriverFiles(
  tree: FileTree,
  files: readonly string[],
  use: (tree: FileTree) => void | Promise<void>,
  { isParallel = false, read = readOnThread }: { isParallel?: boolean; read?: DriverRead } = {},
): void | Promise<void> {
  if (files.length === 0) return use(tree);
  const contents = new Map<string, string | Error>();
  const load = async (file: string): Promise<void> =>
    void contents.set(file, await read(tree.path(file)).catch((error: unknown) => error as Error));
  return mapWithLimit(files, isParallel ? MAX_DRIVER_READS : 1, load).then(() => use(treeWith(tree, contents)));
}

/** Returns the tree with some files in memory, each as its text or as the error of reading it. */
function treeWith(tree: FileTree, contents: ReadonlyMap<string, string | Error>): FileTree {
  return {
    ...tree,
    read(file) {
      const content = contents.get(file);
      if (content === undefined) return tree.read(file);
      if (typeof content !== "string") throw content;
      return content;
    },
    value(file) {
      const content = contents.get(file);
      if (content === undefined) return tree.value(file);
      return typeof content === "string" ? content.trim() : undefined;
    },
  };
}
