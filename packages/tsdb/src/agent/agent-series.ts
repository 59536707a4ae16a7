import { type ByteWriter, writeUvarint } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import type { SeriesRef } from "@narthex/storage";
import type { LoggedSeries } from "../head/append/logged-series.ts";
import { CommitSequence } from "../head/concurrency/commit-sequence.ts";
import { EpochReclaimer } from "../head/concurrency/epoch-reclaimer.ts";
import { ByteSlabs, MAX_SLABS, UNIT_BYTES } from "../head/memory/byte-slabs.ts";
import { type LabelledRows, LabelSetIndex } from "../head/memory/label-set-index.ts";
import { MAX_REF, SeriesReferences } from "../head/memory/series-references.ts";
import { MAX_SERIES, type SeriesRow } from "../head/memory/series-rows.ts";
import { grownLength, SharedBuffers, type SharedColumn } from "../head/memory/shared-column.ts";
import { MAX_SYMBOLS, Symbols } from "../head/memory/symbols.ts";

/**
 * Columns of the series table, indexed by row. The buffers grow in place, because replaced buffers would become
 * garbage.
 */
const COLUMNS = {
  ref: Uint32Array,
  hash: Uint32Array,
  /** Time of the series' newest sample, ms; -Infinity before the first sample. */
  lastTime: Float64Array,
  /** Id of the newest transaction that uses the series' reference; Infinity until the log contains the series. */
  claimedBy: Float64Array,
  /**
   * Address of the memory block with the label set. The block has the symbol numbers of names and values in turn, as
   * varints, padded with zeros to a whole word.
   */
  labels: Uint32Array,
  /** Length of the `labels` block in 32-bit words. */
  wordCount: Uint32Array,
} as const;

type ColumnName = keyof typeof COLUMNS;
type SharedColumns = { readonly [K in ColumnName]: SharedColumn<(typeof COLUMNS)[K]> };
export type AgentColumns = { readonly [K in ColumnName]: InstanceType<(typeof COLUMNS)[K]> };

/**
 * The table of an agent's series, which are found by labels or by reference. A row has the fields that the log needs
 * and the time of the newest sample.
 */
export class AgentSeries implements LabelledRows, LoggedSeries {
  /** The columns of the table. The object is replaced when the table grows. */
  at: AgentColumns;
  readonly references = new SeriesReferences();
  readonly #columns: SharedColumns;
  readonly #slabs: ByteSlabs;
  readonly #symbols: Symbols;
  readonly #labelSets: LabelSetIndex;
  /** Row number after the last used row: all rows in use have smaller numbers. */
  #end = 1;
  readonly #freeRows: SeriesRow[] = [];
  /** Buffer for the symbol numbers of one label set. */
  #ids = new Uint32Array(64);

  constructor() {
    const buffers = new SharedBuffers();
    const reclaimer = new EpochReclaimer(new CommitSequence(buffers));
    this.#columns = Object.fromEntries(
      Object.entries(COLUMNS).map(([name, kind]) => [name, buffers.column(`agent.${name}`, kind, 1024, MAX_SERIES)]),
    ) as SharedColumns;
    this.at = viewsOf(this.#columns);
    this.#slabs = new ByteSlabs(reclaimer, buffers);
    this.#symbols = new Symbols(this.#slabs, reclaimer, buffers);
    this.#labelSets = new LabelSetIndex(this.#slabs, "agent.table", buffers, this);
  }

  /** Number of series. */
  get count(): number {
    return this.#end - 1 - this.#freeRows.length;
  }

  /** Row number after the last used row: all rows in use have smaller numbers. */
  get end(): number {
    return this.#end;
  }

  /** Returns the reason why no series can be added; undefined if there is room. */
  lacksRoomFor(labels: Labels): string | undefined {
    if (this.references.last === MAX_REF) return "all references of series are spent: a restart frees those not in use";
    if (this.count >= MAX_SERIES - 1) return `the agent has reached its limit of ${this.count} series`;
    if (this.#symbols.taken + labels.pairs.length >= MAX_SYMBOLS) return "the agent can hold no more label values";
    let bytes = labels.pairs.length * 4;
    for (const text of labels.pairs) bytes += text.length * 3 + 32;
    return this.#slabs.fits(bytes, MAX_SLABS) ? undefined : "the agent's memory for labels is full";
  }

  /** Returns the row of a series reference; 0 if no series in the table has it. */
  rowOf(ref: SeriesRef): SeriesRow {
    return this.references.rowOf(ref);
  }

  /** Returns the row of a label set; 0 if there is no such series. */
  find(labels: Labels): SeriesRow {
    const { pairs } = labels;
    this.#reserveIds(pairs.length);
    for (let i = 0; i < pairs.length; i++) {
      const id = this.#symbols.find(pairs[i]!);
      if (id === 0) return 0;
      this.#ids[i] = id;
    }
    return this.#labelSets.find(this.#pack(pairs.length));
  }

  /**
   * Adds a series and returns its row. The caller must have checked with `find` that the series does not exist. If the
   * series comes from the log, `ref` is its reference in the log.
   */
  add(labels: Labels, ref: SeriesRef = this.references.next): SeriesRow {
    const row = this.#take(labels);
    this.at.ref[row] = ref;
    this.#labelSets.insert(row);
    this.references.reserve(ref);
    this.references.set(ref, row);
    return row;
  }

  /** Removes a series from the table. Its row becomes free for another series. */
  remove(row: SeriesRow): void {
    const { at } = this;
    this.#labelSets.remove(row);
    this.references.delete(at.ref[row]!);
    at.ref[row] = 0;
    at.lastTime[row] = -Infinity;
    const count = this.#unpack(row);
    for (let i = 0; i < count; i++) this.#symbols.release(this.#ids[i]!);
    this.#labelSets.recycle(row);
    this.#freeRows.push(row);
  }

  wordCountOf(row: SeriesRow): number {
    return this.at.wordCount[row]!;
  }

  writeLabels(into: ByteWriter, row: SeriesRow): void {
    const count = this.#unpack(row);
    into.uvarint(count / 2);
    for (let i = 0; i < count; i++) this.#symbols.write(this.#ids[i]!, into);
  }

  /** Builds the label set of a row. */
  labelsOf(row: SeriesRow): Labels {
    const count = this.#unpack(row);
    return Labels.fromSortedPairs(Array.from(this.#ids.subarray(0, count), (id) => this.#symbols.text(id)));
  }

  /** Returns the references of all series. */
  liveRefs(): Uint32Array {
    return this.at.ref.subarray(1, this.#end).filter((ref) => ref !== 0);
  }

  /**
   * Takes a free row, stores the labels in it, and clears its other fields. Returns the row; 0 if the table is full.
   */
  #take({ pairs }: Labels): SeriesRow {
    this.#reserveIds(pairs.length);
    for (let i = 0; i < pairs.length; i++) {
      const id = this.#symbols.intern(pairs[i]!);
      this.#symbols.retain(id);
      this.#ids[i] = id;
    }
    const row = this.#freeRows.pop() ?? this.#extend();
    const wordCount = this.#pack(pairs.length);
    const { at } = this;
    at.ref[row] = 0;
    at.hash[row] = this.#labelSets.hash(wordCount);
    at.lastTime[row] = -Infinity;
    at.claimedBy[row] = 0;
    at.labels[row] = this.#labelSets.store(wordCount);
    at.wordCount[row] = wordCount;
    return row;
  }

  #reserveIds(count: number): void {
    if (count > this.#ids.length) this.#ids = new Uint32Array(count * 2);
  }

  /**
   * Packs the first `count` symbol numbers of `#ids` as varints into the buffer for label sets. Returns the number of
   * 32-bit words. A symbol number takes at most four bytes.
   */
  #pack(count: number): number {
    this.#labelSets.reserve(count);
    const bytes = this.#labelSets.bytes;
    let end = 0;
    for (let i = 0; i < count; i++) end = writeUvarint(bytes, end, this.#ids[i]!);
    while (end % 4 !== 0) bytes[end++] = 0;
    return end / 4;
  }

  /**
   * Unpacks the symbol numbers of a row's labels into `#ids` and returns how many there are. No symbol has the number
   * 0, so a zero marks the end.
   */
  #unpack(row: SeriesRow): number {
    const block = this.at.labels[row]!;
    const end = this.at.wordCount[row]! * 4;
    this.#reserveIds(end);
    const bytes = this.#slabs.bytes[block >>> 16]!;
    const from = (block & 0xffff) * UNIT_BYTES;
    let count = 0;
    for (let at = 0; at < end && bytes[from + at] !== 0; count++) {
      let id = 0;
      let shift = 0;
      for (; bytes[from + at]! > 0x7f; at++, shift += 7) id |= (bytes[from + at]! & 0x7f) << shift;
      this.#ids[count] = id | (bytes[from + at++]! << shift);
    }
    return count;
  }

  #extend(): SeriesRow {
    if (this.#end === this.at.ref.length) {
      const length = grownLength(this.#end, MAX_SERIES);
      for (const column of Object.values(this.#columns)) column.view(length);
      this.at = viewsOf(this.#columns);
    }
    return this.#end++;
  }
}

const viewsOf = (columns: SharedColumns): AgentColumns => ({
  ref: columns.ref.whole(),
  hash: columns.hash.whole(),
  lastTime: columns.lastTime.whole(),
  claimedBy: columns.claimedBy.whole(),
  labels: columns.labels.whole(),
  wordCount: columns.wordCount.whole(),
});
