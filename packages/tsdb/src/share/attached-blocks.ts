import { basename } from "node:path";
import type { Block } from "../block/block.ts";
import { openBlock } from "../block/open-block.ts";
import { PageCache } from "../block/page-cache.ts";
import { diskFiles } from "../files.ts";
import { type ListedBlock, SharedBlockList } from "./shared-block-list.ts";

interface OpenedBlock {
  readonly block: Block;
  readonly revision: number;
}

/** The blocks that another thread uses. This thread opens them separately. */
export class AttachedBlocks {
  readonly #list: SharedBlockList;
  readonly #cache: PageCache;
  readonly #numbers = new WeakMap<Block, number>();
  #open = new Map<string, OpenedBlock>();
  #sequence = -1;
  #blocks: readonly Block[] = [];
  #missing: readonly string[] = [];
  #mustTryAgain = false;

  constructor(list: SharedArrayBuffer, pageCacheBytes: number) {
    this.#list = new SharedBlockList(list);
    this.#cache = new PageCache(pageCacheBytes);
  }

  /** Messages about blocks that could not be opened and are therefore missing in the result of current(). */
  get missing(): readonly string[] {
    return this.#missing;
  }

  /** Returns the number that all threads use for a block; undefined if the block is not in this list. */
  numberOf(block: Block): number | undefined {
    return this.#numbers.get(block);
  }

  /**
   * Returns the blocks of the most recently published list. Reports a block that cannot be opened as missing, so that
   * the other blocks can be read. The next call tries to open this block again.
   */
  current(): readonly Block[] {
    if (this.#mustTryAgain) this.#sequence = -1;
    while (this.#list.sequence !== this.#sequence) {
      const sequence = this.#list.sequence;
      const { blocks, missing } = this.#list.read();
      const unopened = this.#take(blocks);
      // Reads the new list if the list has changed since it was read, because a folder that could not be opened may
      // have been removed.
      if (unopened.length > 0 && this.#list.sequence !== sequence) continue;
      this.#missing = [...missing, ...unopened];
      this.#mustTryAgain = unopened.length > 0;
      this.#sequence = sequence;
    }
    return this.#blocks;
  }

  close(): void {
    for (const { block } of this.#open.values()) block.close();
    this.#open.clear();
    this.#blocks = [];
  }

  /**
   * Opens the listed blocks and closes blocks that are no longer listed. Returns a message for each block that cannot
   * be opened.
   */
  #take(listed: readonly ListedBlock[]): readonly string[] {
    const next = new Map<string, OpenedBlock>();
    const unopened: string[] = [];
    for (const { dir, revision, number } of listed) {
      const known = this.#open.get(dir);
      if (known?.revision === revision) {
        next.set(dir, known);
        continue;
      }
      try {
        const block = openBlock(dir, { files: diskFiles, cache: this.#cache });
        this.#numbers.set(block, number);
        next.set(dir, { block, revision });
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        unopened.push(`block ${basename(dir)} cannot be read, its samples are missing: ${reason}`);
      }
    }
    for (const [dir, known] of this.#open) if (next.get(dir) !== known) known.block.close();
    this.#open = next;
    this.#blocks = Array.from(next.values(), ({ block }) => block);
    return unopened;
  }
}
