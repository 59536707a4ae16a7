import type { Block } from "../block/block.ts";
import type { BlockTombstones } from "../block/block-tombstones.ts";

const SEQUENCE = 0;
const LENGTH = 1;
const HEADER_BYTES = 8;
/** Distance between the numbers of blocks: a data folder has two lists. */
const NUMBERS_APART = 2;
/** Room for the names of a million blocks. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A block in use, with the data to open it on another thread. */
export interface ListedBlock {
  readonly dir: string;
  /** Increases whenever the block's tombstones change; the block must then be opened again. */
  readonly revision: number;
  /** A number that no other block ever has. */
  readonly number: number;
}

/** The blocks as other threads see them. */
export interface PublishedBlocks {
  readonly blocks: readonly ListedBlock[];
  /** Sentences about unreadable blocks, which are missing in results. */
  readonly missing: readonly string[];
}

/** Facts about a published block that show changes. */
interface ListedContents {
  readonly revision: number;
  /** Start of the block, ms. */
  readonly minTime: number;
}

const NOTHING: PublishedBlocks = { blocks: [], missing: [] };

/** The blocks in use, readable by other threads at any time: JSON after the sequence of a seqlock. */
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
   * Called before a changed list is published, and again afterwards, with the time from which on samples may differ.
   */
  onChange: (from: number) => void = () => {};

  /**
   * @param buffer that of another thread's list; default a new one
   * @param firstNumber blocks get this number, this and 2, this and 4 …, so that those of two lists differ
   */
  constructor(
    buffer: SharedArrayBuffer = new SharedArrayBuffer(HEADER_BYTES, { maxByteLength: MAX_BYTES }),
    firstNumber: 1 | 2 = 1,
  ) {
    this.buffer = buffer;
    this.#lastNumber = firstNumber - NUMBERS_APART;
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
  }

  /** Changes with each publication; odd during one. */
  get sequence(): number {
    return Atomics.load(this.#words, SEQUENCE);
  }

  /**
   * Publishes a list. Call it before the head removes the samples of a new block, and before the folder of an old one
   * is removed.
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

  /** The number by which other threads know a block. */
  numberOf(block: Block): number {
    let number = this.#numbers.get(block);
    if (number === undefined) this.#numbers.set(block, (number = this.#lastNumber += NUMBERS_APART));
    return number;
  }

  /** Reads the last published list. */
  read(): PublishedBlocks {
    for (;;) {
      const before = this.sequence;
      if (before % 2 !== 0) {
        Atomics.wait(this.#words, SEQUENCE, before, 100);
        continue;
      }
      const length = Atomics.load(this.#words, LENGTH);
      // Copied, because text cannot be decoded from shared memory.
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

/** The time from which on samples may differ from those of the previous list. */
function changedFrom(before: ReadonlyMap<number, ListedContents>, now: ReadonlyMap<number, ListedContents>): number {
  let from = Infinity;
  for (const [one, other] of [[before, now] as const, [now, before] as const])
    for (const [number, { revision, minTime }] of one)
      if (other.get(number)?.revision !== revision) from = Math.min(from, minTime);
  return from;
}
