import { Labels } from "@narthex/model";
import type { SeriesRef } from "@narthex/storage";
import type { ByteSlabs } from "./byte-slabs.ts";
import type { Postings } from "./postings.ts";
import type { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { SeriesReferences } from "./series-references.ts";
import { MAX_SERIES, type RowColumns, type SeriesRow, SeriesRows } from "./series-rows.ts";
import type { SharedBuffers, SharedColumn } from "./shared-column.ts";
import { insertHashed, mix, removeHashed, type Symbols } from "./symbols.ts";

const CACHE_SIZE = 16_384;
const END = 0;
const COUNT = 1;
const GENERATION = 2;
const HAS_OUT_OF_ORDER = 3;

/** The series of a head: their rows, found by labels and by reference. */
export class SeriesTable {
  readonly #slabs: ByteSlabs;
  readonly #symbols: Symbols;
  readonly #postings: Postings;
  readonly #reclaimer: EpochReclaimer;
  readonly rows: SeriesRows;
  /** Shared: the end of the rows in use, the number of series, their generation, whether some have out-of-order samples. */
  readonly #state: Int32Array;
  #freeRows: number[] = [];
  readonly #tableColumn: SharedColumn<typeof Uint32Array>;
  #table: Uint32Array;
  readonly #references = new SeriesReferences();
  #pairScratch = new Uint32Array(256);
  readonly #labelsCache = new Map<SeriesRef, Labels>();

  constructor(
    slabs: ByteSlabs,
    symbols: Symbols,
    postings: Postings,
    reclaimer: EpochReclaimer,
    buffers: SharedBuffers,
  ) {
    this.#slabs = slabs;
    this.#symbols = symbols;
    this.#postings = postings;
    this.#reclaimer = reclaimer;
    this.rows = new SeriesRows(buffers);
    this.#tableColumn = buffers.column("series.table", Uint32Array, 4096, MAX_SERIES * 4);
    this.#table = this.#tableColumn.whole();
    this.#state = buffers.words("series.state", 4);
    if (!buffers.attached) this.end = 1;
  }

  /** What the rows hold. Replaced when the table grows. */
  get at(): RowColumns {
    return this.rows.at;
  }

  /** Rows in use lie below this. */
  get end(): number {
    return this.#state[END]!;
  }

  set end(end: number) {
    this.#state[END] = end;
  }

  /** Number of series. */
  get count(): number {
    return this.#state[COUNT]!;
  }

  set count(count: number) {
    this.#state[COUNT] = count;
  }

  /** Has a series ever had out-of-order samples? */
  get hasOutOfOrder(): boolean {
    return this.#state[HAS_OUT_OF_ORDER] !== 0;
  }

  /** To be called before the first sample of a row that came out of order. */
  expectOutOfOrder(): void {
    this.#state[HAS_OUT_OF_ORDER] = 1;
  }

  /** Another number whenever a series has come or gone. */
  get generation(): number {
    return this.#state[GENERATION]!;
  }

  /** Drops what was cached during an optimistic read that failed. */
  forgetLabels(): void {
    this.#labelsCache.clear();
  }

  /** A reader's views of what came since. */
  refresh(): void {
    this.#table = this.#tableColumn.whole();
    this.rows.refresh();
  }

  /** Row of a reference, 0 when it names no series (any more). */
  rowOf(ref: SeriesRef): SeriesRow {
    return this.#references.rowOf(ref);
  }

  /** References of all series. */
  liveRefs(): Uint32Array {
    const refs = new Uint32Array(this.count);
    let found = 0;
    // A row on its way out has a reference that names no series any more.
    for (let row = 1; row < this.end; row++) {
      const ref = this.at.ref[row]!;
      if (ref !== 0 && this.rowOf(ref) === row) refs[found++] = ref;
    }
    return refs.subarray(0, found);
  }

  /** Row of a label set, 0 when there is no such series. */
  find(labels: Labels): SeriesRow {
    const count = this.#pairsOf(labels, false);
    return count < 0 ? 0 : this.#table[this.#probe(hashPairs(this.#pairScratch, count), count)]!;
  }

  /** Rows that are taken, by series that are being removed, too. */
  get takenRows(): number {
    return this.end - 1 - this.#freeRows.length;
  }

  /** References that cannot be given to a series any more. */
  get spentReferences(): number {
    return this.#references.spent;
  }

  /** Are most references spent? */
  get mustReuseReferences(): boolean {
    return this.#references.mustReuse;
  }

  /** The newest reference that was given to a series, or reserved. */
  get lastRef(): SeriesRef {
    return this.#references.last;
  }

  /** This reference and smaller ones are not given to new series: files still hold samples under it. */
  reserve(ref: SeriesRef): void {
    this.#references.reserve(ref);
  }

  /**
   * Begins again with references that no file names. To be called once all that is in files has been read. Returns how
   * many references there are then.
   */
  reuseReferences(): number {
    return this.#references.reuse();
  }

  /** Row of a new series; `find` has said that there is none. `ref` is given when a log names it. */
  add(labels: Labels, ref: SeriesRef = this.#references.next): SeriesRow {
    const count = this.#pairsOf(labels, true);
    const hash = hashPairs(this.#pairScratch, count);
    if ((this.count + 1) * 2 > this.#table.length) this.#rehash(this.#table.length * 2);
    const row = this.#freeRows.pop() ?? this.#extend();
    this.#references.reserve(ref);
    const block = this.#slabs.allocate(count * 4);
    this.rows.begin(row, hash, block, count);
    const words = this.#slabs.words[block >>> 16]!;
    const from = (block & 0xffff) * 2;
    for (let i = 0; i < count; i++) words[from + i] = this.#pairScratch[i]!;
    this.rows.publish(row, ref);
    for (let i = 0; i < count; i++) this.#postings.add(this.#pairScratch[i]!, row);
    insertHashed(this.#table, this.at.hash, row);
    this.#references.set(ref, row);
    this.count++;
    this.#state[GENERATION]!++;
    return row;
  }

  /**
   * First step of removal: neither labels nor reference lead to the series any more. It has no chunks; its row stays
   * taken until the index has forgotten it.
   */
  detach(row: SeriesRow): void {
    const { at } = this;
    removeHashed(this.#table, at.hash, row);
    const ref = at.ref[row]!;
    this.#references.delete(ref);
    this.#labelsCache.delete(ref);
    this.count--;
    this.#state[GENERATION]!++;
  }

  /** Last step of removal: the row is free when no reader can reach it any more, and keeps its labels until then. */
  release(row: SeriesRow): void {
    this.rows.withdraw(row);
    this.#state[GENERATION]!++;
    this.#reclaimer.retire(this.#recycle, row, 0);
  }

  readonly #recycle = (row: SeriesRow): void => {
    const { at } = this;
    this.#slabs.recycle(at.labels[row]!, at.labelCount[row]! * 4);
    this.rows.clearLabels(row);
    this.#freeRows.push(row);
  };

  /** Pair id number `index` of a row. */
  pairAt(row: SeriesRow, index: number): number {
    const block = this.at.labels[row]!;
    return this.#slabs.words[block >>> 16]![(block & 0xffff) * 2 + index]!;
  }

  /** Does the series carry this pair? */
  hasPair(row: SeriesRow, pair: number): boolean {
    const block = this.at.labels[row]!;
    const words = this.#slabs.words[block >>> 16]!;
    const from = (block & 0xffff) * 2;
    const end = from + this.at.labelCount[row]!;
    for (let i = from; i < end; i++) if (words[i] === pair) return true;
    return false;
  }

  /** The pair of the label with this name symbol, 0 when the series lacks it. */
  pairOfName(row: SeriesRow, name: number): number {
    const count = this.at.labelCount[row]!;
    for (let i = 0; i < count; i++) {
      const pair = this.pairAt(row, i);
      if (this.#postings.name[pair] === name) return pair;
    }
    return 0;
  }

  /** The label set, made on demand. */
  labelsOf(row: SeriesRow): Labels {
    const ref = this.at.ref[row]!;
    const cached = ref === 0 ? undefined : this.#labelsCache.get(ref);
    if (cached !== undefined) return cached;
    const pairs: string[] = [];
    for (let i = 0; i < this.at.labelCount[row]!; i++) {
      const pair = this.pairAt(row, i);
      pairs.push(this.#symbols.text(this.#postings.name[pair]!), this.#symbols.text(this.#postings.value[pair]!));
    }
    const labels = Labels.fromSortedPairs(pairs);
    // A row that a reader still holds may have no reference any more.
    if (ref === 0) return labels;
    if (this.#labelsCache.size >= CACHE_SIZE) this.#labelsCache.clear();
    this.#labelsCache.set(ref, labels);
    return labels;
  }

  /** Fills the scratch with the pair ids of a label set; -1 when one of them is unknown and `make` is not set. */
  #pairsOf(labels: Labels, make: boolean): number {
    const { pairs } = labels;
    const count = pairs.length / 2;
    if (count > this.#pairScratch.length) this.#pairScratch = new Uint32Array(count * 2);
    for (let i = 0; i < count; i++) {
      const name = make ? this.#symbols.intern(pairs[i * 2]!) : this.#symbols.find(pairs[i * 2]!);
      const value = make ? this.#symbols.intern(pairs[i * 2 + 1]!) : this.#symbols.find(pairs[i * 2 + 1]!);
      if (name === 0 || value === 0) return -1;
      const pair = make ? this.#postings.intern(name, value) : this.#postings.find(name, value);
      if (pair === 0) return -1;
      this.#pairScratch[i] = pair;
    }
    return count;
  }

  #probe(hash: number, count: number): number {
    const mask = this.#table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#table[slot]!;
      if (row === 0 || (this.at.hash[row] === hash && this.#sameAsScratch(row, count))) return slot;
    }
  }

  #sameAsScratch(row: SeriesRow, count: number): boolean {
    if (this.at.labelCount[row] !== count) return false;
    for (let i = 0; i < count; i++) if (this.pairAt(row, i) !== this.#pairScratch[i]) return false;
    return true;
  }

  #rehash(length: number): void {
    const old = this.#table.slice();
    this.#table = this.#tableColumn.view(length).fill(0);
    for (const row of old) if (row !== 0) insertHashed(this.#table, this.at.hash, row);
  }

  #extend(): SeriesRow {
    this.rows.reserve(this.end);
    return this.end++;
  }
}

function hashPairs(pairs: Uint32Array, count: number): number {
  let hash = count;
  for (let i = 0; i < count; i++) hash = mix(Math.imul(hash, 31) ^ pairs[i]!);
  return hash;
}
