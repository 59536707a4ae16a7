import type { Block } from "../block/block.ts";
import type { BlockTombstones } from "../block/block-tombstones.ts";

const SEQUENCE = 0;
const LENGTH = 1;
const HEADER_BYTES = 8;
/** Names of a million blocks. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A block in use, as other threads open it. */
export interface ListedBlock {
  readonly dir: string;
  /** Rises whenever the block's tombstones change: it is to be opened anew. */
  readonly revision: number;
  /** From 1; no other block has it, whatever changes. */
  readonly number: number;
}

/** What other threads are to know of the blocks. */
export interface PublishedBlocks {
  readonly blocks: readonly ListedBlock[];
  /** What answers lack because it cannot be read, one sentence each. */
  readonly missing: readonly string[];
}

const NOTHING: PublishedBlocks = { blocks: [], missing: [] };

/** The blocks in use, for other threads to read at any moment: JSON behind the sequence of a seqlock. */
export class SharedBlockList {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #revisions = new WeakMap<BlockTombstones, number>();
  readonly #numbers = new Map<string, number>();
  #lastRevision = 0;
  #published = "";

  /** A new list, or that of another thread. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HEADER_BYTES, { maxByteLength: MAX_BYTES })) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
  }

  /** Changes with each publication; odd while one is under way. */
  get sequence(): number {
    return Atomics.load(this.#words, SEQUENCE);
  }

  /** To be called before the head forgets what a new block has, and before the folder of an old one goes. */
  publish(blocks: readonly Block[], missing: readonly string[]): void {
    const list = blocks.map((block): ListedBlock => {
      const { dir, tombstones } = block;
      return { dir, revision: this.#revisionOf(tombstones), number: this.numberOf(block) };
    });
    const text = JSON.stringify({ blocks: list, missing } satisfies PublishedBlocks);
    if (text === this.#published) return;
    this.#published = text;
    const bytes = new TextEncoder().encode(text);
    if (HEADER_BYTES + bytes.length > this.buffer.byteLength) this.buffer.grow(HEADER_BYTES + bytes.length * 2);
    Atomics.add(this.#words, SEQUENCE, 1);
    new Uint8Array(this.buffer).set(bytes, HEADER_BYTES);
    Atomics.store(this.#words, LENGTH, bytes.length);
    Atomics.add(this.#words, SEQUENCE, 1);
    Atomics.notify(this.#words, SEQUENCE);
  }

  /** The number under which other threads know a block. */
  numberOf({ dir }: Pick<Block, "dir">): number {
    let number = this.#numbers.get(dir);
    if (number === undefined) this.#numbers.set(dir, (number = this.#numbers.size + 1));
    return number;
  }

  /** The list as it was published last. */
  read(): PublishedBlocks {
    for (;;) {
      const before = this.sequence;
      if (before % 2 !== 0) {
        Atomics.wait(this.#words, SEQUENCE, before, 100);
        continue;
      }
      const length = Atomics.load(this.#words, LENGTH);
      // A copy: text is not decoded out of shared memory.
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
