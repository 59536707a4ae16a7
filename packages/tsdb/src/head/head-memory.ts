import { ByteSlabs } from "./byte-slabs.ts";
import { ChunkTable } from "./chunk-table.ts";
import { LabelIndex } from "./label-index.ts";
import { Retired } from "./retired.ts";
import { SeriesTable } from "./series-table.ts";
import { Symbols } from "./symbols.ts";

const SEQUENCE = 0;

/**
 * All memory of a head. One thread writes; readers of other threads attach to the same buffers and take what they see
 * between two equal, even values of the sequence as consistent (a seqlock): it is odd while a commit is being applied.
 */
export class HeadMemory {
  readonly retired = new Retired();
  readonly slabs = new ByteSlabs(this.retired);
  readonly symbols = new Symbols(this.slabs);
  readonly index = new LabelIndex(this.slabs, this.symbols);
  readonly series = new SeriesTable(this.slabs, this.symbols, this.index);
  readonly chunks = new ChunkTable(this.slabs, this.retired);
  readonly #published = new Int32Array(new SharedArrayBuffer(8));

  /** Begins a change that readers must see whole. */
  beginChange(): void {
    Atomics.add(this.#published, SEQUENCE, 1);
  }

  /** Publishes the change. */
  endChange(): void {
    Atomics.add(this.#published, SEQUENCE, 1);
    Atomics.notify(this.#published, SEQUENCE);
  }

  /** Even: nothing is being changed. */
  get sequence(): number {
    return Atomics.load(this.#published, SEQUENCE);
  }
}
