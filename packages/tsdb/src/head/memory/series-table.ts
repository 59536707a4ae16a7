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

/** A label set as bytes. Some of its names and label pairs may already be known. */
export interface LabelTexts {
  readonly bytes: Uint8Array;
  /** Number of labels. */
  readonly count: number;
  /**
   * Starts of the label texts, names and values in turn. `sizes` and `hashes` are their lengths in bytes and their
   * FNV-1a hashes.
   */
  readonly starts: Uint32Array;
  readonly sizes: Uint32Array;
  readonly hashes: Int32Array;
  /**
   * Symbol of each label's name; 0 if unknown. `pairs` has the ids of the label pairs. Only unknown labels need texts
   * and hashes.
   */
  readonly names: Uint32Array;
  readonly pairs: Uint32Array;
}

/** The table of a head's series, which are found by labels or by reference. */
export class SeriesTable implements LabelledRows, LoggedSeries {
  readonly #slabs: ByteSlabs;
  readonly #symbols: Symbols;
  readonly #postings: Postings;
  readonly #reclaimer: EpochReclaimer;
  readonly rows: SeriesRows;
  /** The newest additions and removals of series. */
  readonly changes: SeriesChanges;
  /**
   * Shared numbers: the row number after the last used row, the number of series, and whether any series has
   * out-of-order samples.
   */
  readonly #state: Int32Array;
  #freeRows: number[] = [];
  /** Index that finds rows by the ids of their label pairs, in the order of labels. */
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

  /** The columns of the rows. The object is replaced when the table grows. */
  get at(): RowColumns {
    return this.rows.at;
  }

  /** Row number after the last used row: all rows in use have smaller numbers. */
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

  /** Whether any series has ever had out-of-order samples. */
  get hasOutOfOrder(): boolean {
    return this.#state[HAS_OUT_OF_ORDER] !== 0;
  }

  /**
   * Records that series may have out-of-order samples. Must be called before the first out-of-order sample is added to
   * a row.
   */
  expectOutOfOrder(): void {
    this.#state[HAS_OUT_OF_ORDER] = 1;
  }

  /** Removes cached labels. The labels may be wrong if a change interrupted the read that cached them. */
  forgetLabels(): void {
    this.#labelsCache.clear();
  }

  /** Recreates a reader's array views after the columns have grown. */
  refresh(): void {
    this.#labelSets.refresh();
    this.rows.refresh();
  }

  /** Returns the row of a series reference; 0 if no series in the table has it. */
  rowOf(ref: SeriesRef): SeriesRow {
    return this.#references.rowOf(ref);
  }

  /** Returns the references of all series. */
  liveRefs(): Uint32Array {
    const refs = new Uint32Array(this.count);
    let found = 0;
    // Skips references of rows that are being removed, because they belong to no series any more.
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

  /** Number of rows in use, including the rows of series that are being removed. */
  get takenRows(): number {
    return this.end - 1 - this.#freeRows.length;
  }

  /** Number of references that cannot be given to new series any more. */
  get spentReferences(): number {
    return this.#references.spent;
  }

  /** Whether more than half of all possible references are used up, so that references must be reused. */
  get mustReuseReferences(): boolean {
    return this.#references.mustReuse;
  }

  /** The largest reference that was given to a series or reserved. */
  get lastRef(): SeriesRef {
    return this.#references.last;
  }

  /**
   * Reserves the reference `ref` and all smaller references, because files may contain samples with these references.
   */
  reserve(ref: SeriesRef): void {
    this.#references.reserve(ref);
  }

  /**
   * Makes references that are in no file available to new series. Must be called after all files have been read.
   * Returns the number of available references.
   */
  reuseReferences(): number {
    return this.#references.reuse();
  }

  /**
   * Adds a series and returns its row. The caller must have checked with `find` that the series does not exist. If the
   * series comes from the log, `ref` is its reference in the log.
   */
  add(labels: Labels, ref: SeriesRef = this.#references.next): SeriesRow {
    return this.#add(this.#pairsOf(labels, true), ref);
  }

  /**
   * Returns the row of an encoded label set; 0 if there is no such series. An unknown set's names and values are added
   * to the symbols, so the caller must check the room first. The caller can then add the series with addEncoded().
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

  /** Adds the series that the last findEncoded() did not find, and returns its row. */
  addEncoded({ count }: LabelTexts, ref: SeriesRef = this.#references.next): SeriesRow {
    return this.#add(count, ref);
  }

  /** Adds a series whose label pairs are in #labelSets. */
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
   * First step of a removal: the series can no longer be found by labels or reference. The series must have no chunks.
   * Its row stays in use until it is removed from the postings lists.
   */
  detach(row: SeriesRow): void {
    this.#labelSets.remove(row);
    const ref = this.at.ref[row]!;
    this.#references.delete(ref);
    this.#labelsCache.delete(ref);
    this.count--;
    this.changes.detached(row);
  }

  /** Last step of a removal: frees the row. The row keeps its labels until no reader can reach it any more. */
  release(row: SeriesRow): void {
    this.rows.withdraw(row);
    this.changes.released(row);
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

  /** Returns the id of the label pair at an index of a row's labels. */
  pairAt(row: SeriesRow, index: number): number {
    const block = this.at.labels[row]!;
    return this.#slabs.words[block >>> 16]![(block & 0xffff) * 2 + index]!;
  }

  hasPair(row: SeriesRow, pair: number): boolean {
    const block = this.at.labels[row]!;
    const words = this.#slabs.words[block >>> 16]!;
    const from = (block & 0xffff) * 2;
    const end = from + this.at.labelCount[row]!;
    for (let i = from; i < end; i++) if (words[i] === pair) return true;
    return false;
  }

  /** Returns the id of the label pair of a series whose name has this symbol; 0 if the series has no such label. */
  pairOfName(row: SeriesRow, name: number): number {
    const count = this.at.labelCount[row]!;
    for (let i = 0; i < count; i++) {
      const pair = this.pairAt(row, i);
      if (this.#postings.name[pair] === name) return pair;
    }
    return 0;
  }

  /** Returns the label set of a row. The label set is created if it is not cached. */
  labelsOf(row: SeriesRow): Labels {
    const ref = this.at.ref[row]!;
    const cached = this.#labelsCache.get(ref);
    if (cached !== undefined) return cached;
    const pairs: string[] = [];
    for (let i = 0; i < this.at.labelCount[row]!; i++) {
      const pair = this.pairAt(row, i);
      pairs.push(this.#symbols.text(this.#postings.name[pair]!), this.#symbols.text(this.#postings.value[pair]!));
    }
    const labels = Labels.fromSortedPairs(pairs);
    // Returns the label set without caching it, because the cache is keyed by reference. A removed series that a reader
    // still uses may have no reference any more.
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

  /**
   * Writes the pair ids of a label set to #labelSets and returns their number. If a pair is unknown, adds it if `make`
   * is true, otherwise returns -1.
   */
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
