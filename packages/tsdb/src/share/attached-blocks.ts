import type { Block } from "../block/block.ts";
import { openBlock } from "../block/open-block.ts";
import { PageCache } from "../block/page-cache.ts";
import { diskFiles } from "../files.ts";
import { type ListedBlock, SharedBlockList } from "./shared-block-list.ts";

interface OpenedBlock {
  readonly block: Block;
  readonly revision: number;
}

/** The blocks another thread has in use, opened by this one. */
export class AttachedBlocks {
  readonly #list: SharedBlockList;
  readonly #cache: PageCache;
  readonly #numbers = new WeakMap<Block, number>();
  #open = new Map<string, OpenedBlock>();
  #sequence = -1;
  #blocks: readonly Block[] = [];
  #missing: readonly string[] = [];

  constructor(list: SharedArrayBuffer, pageCacheBytes: number) {
    this.#list = new SharedBlockList(list);
    this.#cache = new PageCache(pageCacheBytes);
  }

  /** What answers of current() lack. */
  get missing(): readonly string[] {
    return this.#missing;
  }

  /** The number under which all threads know a block; undefined for one of another list. */
  numberOf(block: Block): number | undefined {
    return this.#numbers.get(block);
  }

  /** The blocks as they were published last. Throws BlockError for one that cannot be opened. */
  current(): readonly Block[] {
    while (this.#list.sequence !== this.#sequence) {
      const sequence = this.#list.sequence;
      const { blocks, missing } = this.#list.read();
      try {
        this.#take(blocks);
        this.#missing = missing;
        this.#sequence = sequence;
      } catch (cause) {
        // A folder that went meanwhile is no longer listed.
        if (this.#list.sequence === sequence) throw cause;
      }
    }
    return this.#blocks;
  }

  close(): void {
    for (const { block } of this.#open.values()) block.close();
    this.#open.clear();
    this.#blocks = [];
  }

  #take(listed: readonly ListedBlock[]): void {
    const next = new Map<string, OpenedBlock>();
    const opened: Block[] = [];
    try {
      for (const { dir, revision, number } of listed) {
        const known = this.#open.get(dir);
        if (known?.revision === revision) {
          next.set(dir, known);
          continue;
        }
        const block = openBlock(dir, { files: diskFiles, cache: this.#cache });
        opened.push(block);
        this.#numbers.set(block, number);
        next.set(dir, { block, revision });
      }
    } catch (cause) {
      for (const block of opened) block.close();
      throw cause;
    }
    for (const [dir, known] of this.#open) if (next.get(dir) !== known) known.block.close();
    this.#open = next;
    this.#blocks = Array.from(next.values(), ({ block }) => block);
  }
}
