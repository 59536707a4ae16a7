import type { Block } from "../block/block.ts";
import type { BlockTombstones } from "../block/block-tombstones.ts";

const SEQUENCE = 0;
const LENGTH = 1;
const HEADER_BYTES = 8;
/**
 * Distance between successive block numbers. The distance is 2, because a data folder has two lists, one with odd and
 * one with even numbers.
 */
const NUMBERS_APART = 2;
/** Largest size of the list, bytes. A million blocks fit. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A block in the shared list, with the data for opening it on another thread. */
export interface ListedBlock {
  readonly dir: string;
  /** Revision of the block's tombstones. If it has increased, the block must be opened again. */
  readonly revision: number;
  /** Unique number of the block. Numbers are never reused. */
  readonly number: number;
}

/** The shared list of blocks, as other threads read it. */
export interface PublishedBlocks {
  readonly blocks: readonly ListedBlock[];
  /** Messages about unreadable blocks, whose samples are missing in results. */
  readonly missing: readonly string[];
}

/** Properties of a listed block. If a property differs in the next list, the block has changed. */
interface ListedContents {
  readonly revision: number;
  /** Start of the block's time range, ms. */
  readonly minTime: number;
}

const NOTHING: PublishedBlocks = { blocks: [], missing: [] };

/**
 * The list of blocks in use, in shared memory. Other threads can read it at any time. The memory contains the sequence
 * number of a seqlock, then the list as JSON.
 */
export class SharedBlockList {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #revisions = new WeakMap<BlockTombstones, number>();
  readonly #numbers = new WeakMap<Block, number>();
  #lastRevision = 0;
  #lastNumber: number;
  #published = "";
  #missing = "";
  /** The published blocks by their numbers. */
  #listed: ReadonlyMap<number, ListedContents> = new Map();
  /**
   * Callback before a changed list is published, and a second time after the publication. Samples from the time `from`
   * on may differ.
   */
  onChange: (from: number) => void = () => {};

  /**
   * @param buffer memory of another thread's list; by default new memory
   * @param firstNumber number of the first block; further blocks get this number plus 2, 4 …, so that two lists never
   * have equal numbers
   */
  constructor(
    buffer: SharedArrayBuffer = new SharedArrayBuffer(HEADER_BYTES, { maxByteLength: MAX_BYTES }),
    firstNumber: 1 | 2 = 1,
  ) {
    this.buffer = buffer;
    this.#lastNumber = firstNumber - NUMBERS_APART;
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
  }

  /** Sequence number of the list. It changes with each publication and is odd during a publication. */
  get sequence(): number {
    return Atomics.load(this.#words, SEQUENCE);
  }

  /**
   * Publishes a list of blocks. Must be called before the head removes the samples of a new block, and before the
   * folder of an old block is removed.
   */
  publish(blocks: readonly Block[], missing: readonly string[]): void {
    const list = blocks.map((block): ListedBlock => {
      const { dir, tombstones } = block;
      return { dir, revision: this.#revisionOf(tombstones), number: this.numberOf(block) };
    });
    const listed: PublishedBlocks = { blocks: list, missing };
    const text = JSON.stringify(listed);
    if (text === this.#published) return;
    const now = new Map(
      list.map(({ number, revision }, i) => [number, { revision, minTime: blocks[i]!.meta.minTime }]),
    );
    const from = missing.join("\n") === this.#missing ? changedFrom(this.#listed, now) : -Infinity;
    this.onChange(from);
    this.#listed = now;
    this.#missing = missing.join("\n");
    this.#published = text;
    const bytes = new TextEncoder().encode(text);
    if (HEADER_BYTES + bytes.length > this.buffer.byteLength) this.buffer.grow(HEADER_BYTES + bytes.length * 2);
    Atomics.add(this.#words, SEQUENCE, 1);
    new Uint8Array(this.buffer).set(bytes, HEADER_BYTES);
    Atomics.store(this.#words, LENGTH, bytes.length);
    Atomics.add(this.#words, SEQUENCE, 1);
    Atomics.notify(this.#words, SEQUENCE);
    this.onChange(from);
  }

  /** Returns the number that all threads use for a block. */
  numberOf(block: Block): number {
    let number = this.#numbers.get(block);
    if (number === undefined) this.#numbers.set(block, (number = this.#lastNumber += NUMBERS_APART));
    return number;
  }

  /** Reads the most recently published list of blocks. */
  read(): PublishedBlocks {
    for (;;) {
      const before = this.sequence;
      if (before % 2 !== 0) {
        Atomics.wait(this.#words, SEQUENCE, before, 100);
        continue;
      }
      const length = Atomics.load(this.#words, LENGTH);
      // Copies the bytes, because text cannot be decoded from shared memory.
      const bytes = new Uint8Array(this.buffer).slice(HEADER_BYTES, HEADER_BYTES + length);
      if (this.sequence === before) {
        return length === 0 ? NOTHING : (JSON.parse(new TextDecoder().decode(bytes)) as PublishedBlocks);
      }
    }
  }

  #revisionOf(tombstones: BlockTombstones): number {
    const known = this.#revisions.get(tombstones);
    if (known !== undefined) return known;
    this.#revisions.set(tombstones, ++this.#lastRevision);
    return this.#lastRevision;
  }
}

/** Returns the time from which samples of the new list may differ from samples of the previous list, ms. */
function changedFrom(before: ReadonlyMap<number, ListedContents>, now: ReadonlyMap<number, ListedContents>): number {
  let from = Infinity;
  for (const [one, other] of [[before, now] as const, [now, before] as const])
    for (const [number, { revision, minTime }] of one)
      if (other.get(number)?.revision !== revision) from = Math.min(from, minTime);
  return from;
}
