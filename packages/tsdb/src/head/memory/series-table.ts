import type { ByteWriter } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import type { SeriesRef } from "@narthex/storage";
import type { ByteSlabs } from "./byte-slabs.ts";
import type { LoggedSeries } from "../append/logged-series.ts";
import type { Postings } from "./postings.ts";
import type { EpochReclaimer } from "../concurrency/epoch-reclaimer.ts";
import { type LabelledRows, LabelSetIndex } from "./label-set-index.ts";
import { SeriesChanges } from "./series-changes.ts";
import { SeriesReferences } from "./series-references.ts";
import { type RowColumns, type SeriesRow, SeriesRows } from "./series-rows.ts";
import type { SharedBuffers } from "./shared-column.ts";
import type { Symbols } from "./symbols.ts";

const CACHE_SIZE = 16_384;

const END = 0;
const COUNT = 1;
const HAS_OUT_OF_ORDER = 2;

/** A label set as bytes; some of its names and pairs may be known. */
export interface LabelTexts {
  readonly bytes: Uint8Array;
  /** Number of labels. */
  readonly count: number;
  /** Starts of the texts, their lengths in bytes, and their FNV-1a hashes: name, value, name, value … */
  readonly starts: Uint32Array;
  readonly sizes: Uint32Array;
  readonly hashes: Int32Array;
  /** By label the name's symbol and the pair's id, 0 if unknown. Texts and hashes are there for unknown ones. */
  readonly names: Uint32Array;
  readonly pairs: Uint32Array;
}

/** The series of a head: their rows, found by labels or by reference. */
export class SeriesTable implements LabelledRows, LoggedSeries {
  readonly #slabs: ByteSlabs;
  readonly #symbols: Symbols;
  readonly #postings: Postings;
  readonly #reclaimer: EpochReclaimer;
  readonly rows: SeriesRows;
  /** Added and removed series. */
  readonly changes: SeriesChanges;
  /** Shared: end of the rows in use, number of series, and whether any has out-of-order samples. */
  readonly #state: Int32Array;
  #freeRows: number[] = [];
  /** Rows by the ids of their pairs, in label order. */
  readonly #labelSets: LabelSetIndex;
  readonly #references = new SeriesReferences();
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
    this.changes = new SeriesChanges(buffers);
    this.#labelSets = new LabelSetIndex(slabs, "series.table", buffers, this);
    this.#state = buffers.words("series.state", 3);
    if (!buffers.attached) this.end = 1;
  }

  /** Content of the rows. Replaced when the table grows. */
  get at(): RowColumns {
    return this.rows.at;
  }

  /** Rows in use are below this. */
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

  /** Must be called before the first out-of-order sample of a row. */
  expectOutOfOrder(): void {
    this.#state[HAS_OUT_OF_ORDER] = 1;
  }

  /** Drops what a failed optimistic read has cached. */
  forgetLabels(): void {
    this.#labelsCache.clear();
  }

  /** Renews a reader's views. */
  refresh(): void {
    this.#labelSets.refresh();
    this.rows.refresh();
  }

  /** Returns the row of a reference; 0 if it names no series (any more). */
  rowOf(ref: SeriesRef): SeriesRow {
    return this.#references.rowOf(ref);
  }

  /** References of all series. */
  liveRefs(): Uint32Array {
    const refs = new Uint32Array(this.count);
    let found = 0;
    // The reference of a row that is being removed names no series any more.
    for (let row = 1; row < this.end; row++) {
      const ref = this.at.ref[row]!;
      if (ref !== 0 && this.rowOf(ref) === row) refs[found++] = ref;
    }
    return refs.subarray(0, found);
  }

  /** Returns the row of a label set; 0 if there is no such series. */
  find(labels: Labels): SeriesRow {
    const count = this.#pairsOf(labels, false);
    return count < 0 ? 0 : this.#labelSets.find(count);
  }

  /** Number of rows in use, including those of series that are being removed. */
  get takenRows(): number {
    return this.end - 1 - this.#freeRows.length;
  }

  /** Number of references that no new series can get. */
  get spentReferences(): number {
    return this.#references.spent;
  }

  /** Are more than half of the references spent? */
  get mustReuseReferences(): boolean {
    return this.#references.mustReuse;
  }

  /** The newest reference that a series has, or that is reserved. */
  get lastRef(): SeriesRef {
    return this.#references.last;
  }

  /** Reserves this reference and all smaller ones: files still have samples with them. */
  reserve(ref: SeriesRef): void {
    this.#references.reserve(ref);
  }

  /**
   * Starts again with references that no file names. Call it after all files have been read. Returns the number of
   * available references.
   */
  reuseReferences(): number {
    return this.#references.reuse();
  }

  /** Adds a series that `find` did not find, and returns its row. `ref` is given if the log names it. */
  add(labels: Labels, ref: SeriesRef = this.#references.next): SeriesRow {
    return this.#add(this.#pairsOf(labels, true), ref);
  }

  /**
   * Returns the row of an encoded label set; 0 if there is no such series. Its names and values are interned then: the
   * caller must have checked that there is room, and adds the series with addEncoded().
   */
  findEncoded({ bytes, count, starts, sizes, hashes, names, pairs }: LabelTexts): SeriesRow {
    this.#labelSets.reserve(count);
    const { words } = this.#labelSets;
    for (let i = 0; i < count; i++) {
      const text = i * 2;
      if (pairs[i] === 0) {
        if (names[i] === 0) names[i] = this.#symbols.internBytes(bytes, starts[text]!, sizes[text]!, hashes[text]!);
        const value = this.#symbols.internBytes(bytes, starts[text + 1]!, sizes[text + 1]!, hashes[text + 1]!);
        pairs[i] = this.#postings.intern(names[i]!, value);
      }
      words[i] = pairs[i]!;
    }
    return this.#labelSets.find(count);
  }

  /** Adds a series with the label set of the last findEncoded() and returns its row. */
  addEncoded({ count }: LabelTexts, ref: SeriesRef = this.#references.next): SeriesRow {
    return this.#add(count, ref);
  }

  /** Adds a series with the current pairs. */
  #add(count: number, ref: SeriesRef): SeriesRow {
    const labelSets = this.#labelSets;
    const row = this.#freeRows.pop() ?? this.#extend();
    this.#references.reserve(ref);
    this.rows.begin(row, labelSets.hash(count), labelSets.store(count), count);
    this.rows.publish(row, ref);
    for (let i = 0; i < count; i++) this.#postings.add(labelSets.words[i]!, row);
    labelSets.insert(row);
    this.#references.set(ref, row);
    this.count++;
    this.changes.added(row);
    return row;
  }

  /**
   * First step of a removal: the series can no longer be found by labels or reference. It has no chunks. Its row stays
   * in use until the index has forgotten it.
   */
  detach(row: SeriesRow): void {
    this.#labelSets.remove(row);
    const ref = this.at.ref[row]!;
    this.#references.delete(ref);
    this.#labelsCache.delete(ref);
    this.count--;
    this.changes.removed(row);
  }

  /**
   * Last step of a removal: the row becomes free when no reader can reach it any more, and keeps its labels until then.
   */
  release(row: SeriesRow): void {
    this.rows.withdraw(row);
    this.changes.removed(row);
    this.#reclaimer.retire(this.#recycle, row, 0);
  }

  readonly #recycle = (row: SeriesRow): void => {
    this.#labelSets.recycle(row);
    this.rows.clearLabels(row);
    this.#freeRows.push(row);
  };

  wordCountOf(row: SeriesRow): number {
    return this.at.labelCount[row]!;
  }

  /** Pair id number `index` of a row. */
  pairAt(row: SeriesRow, index: number): number {
    const block = this.at.labels[row]!;
    return this.#slabs.words[block >>> 16]![(block & 0xffff) * 2 + index]!;
  }

  /** Does the series have this pair? */
  hasPair(row: SeriesRow, pair: number): boolean {
    const block = this.at.labels[row]!;
    const words = this.#slabs.words[block >>> 16]!;
    const from = (block & 0xffff) * 2;
    const end = from + this.at.labelCount[row]!;
    for (let i = from; i < end; i++) if (words[i] === pair) return true;
    return false;
  }

  /** The pair of the label with this name symbol; 0 if the series lacks it. */
  pairOfName(row: SeriesRow, name: number): number {
    const count = this.at.labelCount[row]!;
    for (let i = 0; i < count; i++) {
      const pair = this.pairAt(row, i);
      if (this.#postings.name[pair] === name) return pair;
    }
    return 0;
  }

  /** The label set, built on demand. */
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
    // The row of a removed series, which a reader still uses, may have no reference any more.
    if (ref === 0) return labels;
    if (this.#labelsCache.size >= CACHE_SIZE) this.#labelsCache.clear();
    this.#labelsCache.set(ref, labels);
    return labels;
  }

  writeLabels(into: ByteWriter, row: SeriesRow): void {
    const count = this.at.labelCount[row]!;
    into.uvarint(count);
    for (let i = 0; i < count; i++) {
      const pair = this.pairAt(row, i);
      this.#symbols.write(this.#postings.name[pair]!, into);
      this.#symbols.write(this.#postings.value[pair]!, into);
    }
  }

  /** Collects the pair ids of a label set and returns their number; -1 if one is unknown and `make` is not set. */
  #pairsOf(labels: Labels, make: boolean): number {
    const { pairs } = labels;
    const count = pairs.length / 2;
    this.#labelSets.reserve(count);
    for (let i = 0; i < count; i++) {
      const name = make ? this.#symbols.intern(pairs[i * 2]!) : this.#symbols.find(pairs[i * 2]!);
      const value = make ? this.#symbols.intern(pairs[i * 2 + 1]!) : this.#symbols.find(pairs[i * 2 + 1]!);
      if (name === 0 || value === 0) return -1;
      const pair = make ? this.#postings.intern(name, value) : this.#postings.find(name, value);
      if (pair === 0) return -1;
      this.#labelSets.words[i] = pair;
    }
    return count;
  }

  #extend(): SeriesRow {
    this.rows.reserve(this.end);
    return this.end++;
  }
}
