import type { SharedBuffers, SharedColumn } from "./shared-column.ts";

const MAX_NAMES = 2 ** 22;
const COUNT = 0;
const CHANGES = 1;

/** What is known of one label name; its fields lie in shared memory. */
export interface LabelName {
  readonly slot: number;
  readonly symbol: number;
  /** Pairs of the name are chained from here, in no order. */
  firstPair: number;
  pairCount: number;
}

type Column = SharedColumn<typeof Uint32Array>;

/** The label names in use. Names are few: each thread keeps its own map of them, made anew when the set has changed. */
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

  constructor(buffers: SharedBuffers) {
    this.#symbolColumn = buffers.column("names.symbol", Uint32Array, 64, MAX_NAMES);
    this.#firstColumn = buffers.column("names.firstPair", Uint32Array, 64, MAX_NAMES);
    this.#countColumn = buffers.column("names.pairCount", Uint32Array, 64, MAX_NAMES);
    this.#symbol = this.#symbolColumn.whole();
    this.#firstPair = this.#firstColumn.whole();
    this.#pairCount = this.#countColumn.whole();
    this.#state = buffers.words("names.state", 2);
  }

  all(): IterableIterator<LabelName> {
    return this.#bySymbol.values();
  }

  get(symbol: number): LabelName | undefined {
    return this.#bySymbol.get(symbol);
  }

  add(symbol: number): LabelName {
    const slot = this.#free.pop() ?? this.#state[COUNT]!++;
    if (slot >= this.#symbol.length) this.#takeViews(slot * 2);
    this.#symbol[slot] = symbol;
    this.#firstPair[slot] = 0;
    this.#pairCount[slot] = 0;
    this.#state[CHANGES]!++;
    return this.#remember(slot, symbol);
  }

  delete({ slot, symbol }: LabelName): void {
    this.#symbol[slot] = 0;
    this.#free.push(slot);
    this.#bySymbol.delete(symbol);
    this.#state[CHANGES]!++;
  }

  /** A reader's look at what the writer has changed. */
  refresh(): void {
    if (this.#state[CHANGES] === this.#seen) return;
    this.#seen = this.#state[CHANGES]!;
    this.#symbol = this.#symbolColumn.whole();
    this.#firstPair = this.#firstColumn.whole();
    this.#pairCount = this.#countColumn.whole();
    this.#bySymbol.clear();
    for (let slot = 0; slot < this.#state[COUNT]!; slot++) {
      const symbol = this.#symbol[slot]!;
      if (symbol !== 0) this.#remember(slot, symbol);
    }
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
    return this.#firstPair[slot]!;
  }

  setFirstPair(slot: number, pair: number): void {
    this.#firstPair[slot] = pair;
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
