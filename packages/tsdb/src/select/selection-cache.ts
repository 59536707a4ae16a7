import type { Matcher } from "@narthex/model";
import type { Block } from "../block/block.ts";
import { type SelectionHints, selectFromBlock } from "./block-selection.ts";
import { BlocksSelection } from "./blocks-selection.ts";

/**
 * Alignment in ms for the start and end of a cached selection's time range. A query whose range moves on with time can
 * then use the cached selection.
 */
const ALIGNMENT_MS = 6 * 3_600_000;

interface Entry {
  readonly selection: BlocksSelection;
  readonly bytes: number;
}

/** Cache of recent selections of series from blocks. Selections stay valid, because blocks never change. */
export class SelectionCache {
  readonly #maxBytes: number;
  /** Cached selections; the least recently used is the first. */
  readonly #entries = new Map<string, Entry>();
  /** Numbers of the blocks, from which the keys of selections are built. */
  readonly #numbers = new WeakMap<Block, number>();
  #blocks: readonly Block[] = [];
  #lastNumber = 0;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Removes the selections of blocks that are not in `blocks`, to free memory. Returns these blocks. */
  use(blocks: readonly Block[]): readonly Block[] {
    if (blocks === this.#blocks) return [];
    const inUse = new Set(blocks);
    const gone = this.#blocks.filter((block) => !inUse.has(block));
    this.#blocks = blocks;
    for (const [key, { selection }] of this.#entries) {
      if (!selection.parts.every(({ block }) => inUse.has(block))) this.#drop(key);
    }
    return gone;
  }

  /**
   * Selects the series of the given blocks that satisfy the matchers. The result can be read for any range within
   * [from, to].
   */
  async select(
    blocks: readonly Block[],
    matchers: readonly Matcher[],
    from: number,
    to: number,
    hints: Pick<SelectionHints, "signal" | "waits">,
  ): Promise<BlocksSelection> {
    const first = Math.floor(from / ALIGNMENT_MS) * ALIGNMENT_MS;
    const last = Math.ceil((to + 1) / ALIGNMENT_MS) * ALIGNMENT_MS - 1;
    const key = `${first} ${last} ${blocks.map((block) => this.#numberOf(block)).join()} ${matchers.map(String).join()}`;
    const known = this.#entries.get(key);
    this.#drop(key);
    if (known?.selection.parts.every(({ block, tombstones }) => block.tombstones === tombstones) === true) {
      this.#add(key, known);
      return known.selection;
    }
    const parts = [];
    for (const block of blocks) parts.push(await selectFromBlock(block, matchers, first, last, hints));
    const selection = new BlocksSelection(parts);
    this.#add(key, { selection, bytes: selection.bytes + key.length * 2 });
    return selection;
  }

  #numberOf(block: Block): number {
    let number = this.#numbers.get(block);
    if (number === undefined) this.#numbers.set(block, (number = ++this.#lastNumber));
    return number;
  }

  #add(key: string, entry: Entry): void {
    if (entry.bytes > this.#maxBytes) return;
    // Drops a copy of the same selection that another query may have cached in the meantime.
    this.#drop(key);
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
