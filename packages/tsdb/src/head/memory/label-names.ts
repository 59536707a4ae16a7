import type { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { Seqlock } from "../concurrency/seqlock.ts";
import type { SharedBuffers, SharedColumn } from "./shared-column.ts";

export const MAX_NAMES = 2 ** 22;
const COUNT = 0;
const CHANGES = 1;

/** State of one label name in the index. The fields are in shared memory. */
export interface LabelName {
  readonly slot: number;
  readonly symbol: number;
  /** First label pair with this name. The pairs of a name are an unsorted linked list. */
  firstPair: number;
  pairCount: number;
}

type Column = SharedColumn<typeof Uint32Array>;

/** The label names of all series. Each thread has its own map of the few names, and rebuilds the map after a change. */
export class LabelNames {
  readonly #symbolColumn: Column;
  readonly #firstColumn: Column;
  readonly #countColumn: Column;
  #symbol: Uint32Array;
  #firstPair: Uint32Array;
  #pairCount: Uint32Array;
  readonly #state: Int32Array;
  #seen = 0;
  readonly #bySymbol = new Map<number, LabelName>();
  readonly #free: number[] = [];
  readonly #reclaimer: EpochReclaimer;
  readonly #lock: Seqlock;

  constructor(reclaimer: EpochReclaimer, buffers: SharedBuffers) {
    this.#reclaimer = reclaimer;
    this.#lock = new Seqlock("names.version", buffers, () => this.#takeWhole());
    this.#symbolColumn = buffers.column("names.symbol", Uint32Array, 64, MAX_NAMES);
    this.#firstColumn = buffers.column("names.firstPair", Uint32Array, 64, MAX_NAMES);
    this.#countColumn = buffers.column("names.pairCount", Uint32Array, 64, MAX_NAMES);
    this.#symbol = this.#symbolColumn.whole();
    this.#firstPair = this.#firstColumn.whole();
    this.#pairCount = this.#countColumn.whole();
    this.#state = buffers.words("names.state", 2);
  }

  /** Number of slots in use, including the slots of removed names that a reader may still use. */
  get taken(): number {
    return this.#state[COUNT]! - this.#free.length;
  }

  all(): IterableIterator<LabelName> {
    return this.#bySymbol.values();
  }

  get(symbol: number): LabelName | undefined {
    return this.#bySymbol.get(symbol);
  }

  add(symbol: number): LabelName {
    const slot = this.#free.pop() ?? this.#state[COUNT]!;
    if (slot >= this.#symbol.length) this.#takeViews(slot * 2);
    this.#lock.begin();
    if (slot === this.#state[COUNT]) this.#state[COUNT] = slot + 1;
    this.#symbol[slot] = symbol;
    this.#firstPair[slot] = 0;
    this.#pairCount[slot] = 0;
    Atomics.add(this.#state, CHANGES, 1);
    this.#lock.end();
    return this.#remember(slot, symbol);
  }

  /** Removes a name. Its slot is reused when no reader can reach the name any more. */
  delete({ slot, symbol }: LabelName): void {
    this.#lock.begin();
    this.#symbol[slot] = 0;
    this.#bySymbol.delete(symbol);
    Atomics.add(this.#state, CHANGES, 1);
    this.#lock.end();
    this.#reclaimer.retire(this.#recycle, slot, 0);
  }

  readonly #recycle = (slot: number): void => {
    this.#free.push(slot);
  };

  /** Makes the names that the writer has added or removed visible to this reader. */
  refresh(): void {
    if (Atomics.load(this.#state, CHANGES) === this.#seen) return;
    this.#lock.read(() => {
      this.#seen = Atomics.load(this.#state, CHANGES);
      this.#bySymbol.clear();
      for (let slot = 0; slot < this.#state[COUNT]!; slot++) {
        const symbol = this.#symbol[slot]!;
        if (symbol !== 0) this.#remember(slot, symbol);
      }
    });
  }

  #takeWhole(): void {
    this.#symbol = this.#symbolColumn.whole();
    this.#firstPair = this.#firstColumn.whole();
    this.#pairCount = this.#countColumn.whole();
  }

  #remember(slot: number, symbol: number): LabelName {
    const name = new SharedName(this, slot, symbol);
    this.#bySymbol.set(symbol, name);
    return name;
  }

  #takeViews(length: number): void {
    this.#symbol = this.#symbolColumn.view(length);
    this.#firstPair = this.#firstColumn.view(length);
    this.#pairCount = this.#countColumn.view(length);
  }

  firstPair(slot: number): number {
    return Atomics.load(this.#firstPair, slot);
  }

  /** Sets the first label pair of a name. The new first pair must already link to the other pairs of the name. */
  setFirstPair(slot: number, pair: number): void {
    Atomics.store(this.#firstPair, slot, pair);
  }

  pairCount(slot: number): number {
    return this.#pairCount[slot]!;
  }

  setPairCount(slot: number, count: number): void {
    this.#pairCount[slot] = count;
  }
}

class SharedName implements LabelName {
  readonly slot: number;
  readonly symbol: number;
  readonly #names: LabelNames;

  constructor(names: LabelNames, slot: number, symbol: number) {
    this.#names = names;
    this.slot = slot;
    this.symbol = symbol;
  }

  get firstPair(): number {
    return this.#names.firstPair(this.slot);
  }

  set firstPair(pair: number) {
    this.#names.setFirstPair(this.slot, pair);
  }

  get pairCount(): number {
    return this.#names.pairCount(this.slot);
  }

  set pairCount(count: number) {
    this.#names.setPairCount(this.slot, count);
  }
}
