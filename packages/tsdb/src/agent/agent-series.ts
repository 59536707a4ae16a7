import type { ByteWriter } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import type { SeriesRef } from "@narthex/storage";
import { CommitSequence } from "../head/concurrency/commit-sequence.ts";
import { EpochReclaimer } from "../head/concurrency/epoch-reclaimer.ts";
import { ByteSlabs, MAX_SLABS } from "../head/memory/byte-slabs.ts";
import { MAX_REF, SeriesReferences } from "../head/memory/series-references.ts";
import { MAX_SERIES, type SeriesRow } from "../head/memory/series-rows.ts";
import { grownLength, SharedBuffers } from "../head/memory/shared-column.ts";
import { insertHashed, MAX_SYMBOLS, mix, removeHashed, Symbols } from "../head/memory/symbols.ts";

const FIRST_TABLE = 4096;
/** Retired series looked at between two looks at the clock. */
const RETIRED_AT_ONCE = 256;

/** What is kept of each series, by row. */
export interface AgentColumns {
  ref: Uint32Array;
  hash: Uint32Array;
  /** Time of the newest sample, ms; -Infinity before the first. */
  lastTime: Float64Array;
  /** The newest transaction that was given the series; Infinity while no record names it. */
  claimedBy: Float64Array;
  /** Block of the numbers of the label names and values, one behind the other. */
  labels: Uint32Array;
  labelCount: Uint32Array;
}

/** The series of an agent, found by labels and by reference: what to log of them, and how old their newest sample is. */
export class AgentSeries {
  at: AgentColumns = columnsOf(1024);
  readonly references = new SeriesReferences();
  readonly #slabs: ByteSlabs;
  readonly #symbols: Symbols;
  /** Open addressing, rows; 0 is empty. */
  #table = new Uint32Array(FIRST_TABLE);
  /** Rows in use lie below this. */
  #end = 1;
  readonly #freeRows: SeriesRow[] = [];
  /** Rows that keep the labels of references which lead to no series any more. */
  readonly #retired = new Map<number, SeriesRow>();
  #ids = new Uint32Array(64);

  constructor() {
    const buffers = new SharedBuffers();
    const reclaimer = new EpochReclaimer(new CommitSequence(buffers));
    this.#slabs = new ByteSlabs(reclaimer, buffers);
    this.#symbols = new Symbols(this.#slabs, reclaimer, buffers);
  }

  /** Number of series. */
  get count(): number {
    return this.#end - 1 - this.#freeRows.length - this.#retired.size;
  }

  /** Rows in use lie below this. */
  get end(): number {
    return this.#end;
  }

  /** Why there is no room for another series; undefined where there is. */
  lacksRoomFor(labels: Labels): string | undefined {
    if (this.references.last === MAX_REF) return "all references of series are spent: a restart frees those not in use";
    if (this.count + this.#retired.size >= MAX_SERIES - 1)
      return `the agent holds ${this.count} series, which is all it can`;
    if (this.#symbols.taken + labels.pairs.length >= MAX_SYMBOLS) return "the agent can hold no more label values";
    let bytes = labels.pairs.length * 4;
    for (const text of labels.pairs) bytes += text.length * 3 + 32;
    return this.#slabs.fits(bytes, MAX_SLABS) ? undefined : "the agent's memory for labels is full";
  }

  /** Row of a reference, 0 when it names no series (any more). */
  rowOf(ref: SeriesRef): SeriesRow {
    return this.references.rowOf(ref);
  }

  /** Row of a label set, 0 when there is no such series. */
  find(labels: Labels): SeriesRow {
    const { pairs } = labels;
    this.#reserveIds(pairs.length);
    for (let i = 0; i < pairs.length; i++) {
      const id = this.#symbols.find(pairs[i]!);
      if (id === 0) return 0;
      this.#ids[i] = id;
    }
    return this.#table[this.#probe(hashIds(this.#ids, pairs.length), pairs.length)]!;
  }

  /** Row of a new series; `find` has said that there is none. `ref` is given when a log names it. */
  add(labels: Labels, ref: SeriesRef = this.references.next): SeriesRow {
    const row = this.#take(labels);
    if ((this.count + 1) * 2 > this.#table.length) this.#rehash(this.#table.length * 2);
    const { at } = this;
    at.ref[row] = ref;
    at.hash[row] = hashIds(this.#ids, labels.pairs.length);
    insertHashed(this.#table, at.hash, row);
    this.references.reserve(ref);
    this.references.set(ref, row);
    return row;
  }

  /** The row is free for another series. */
  remove(row: SeriesRow): void {
    this.#detach(row);
    this.#release(row);
  }

  /** The series is gone; its row keeps the labels of its reference until forgetRetired(). */
  retire(row: SeriesRow): void {
    this.#retired.set(this.at.ref[row]!, row);
    this.#detach(row);
  }

  /** Keeps the labels of a reference that leads to no series of its own, if there is room. */
  addRetired(labels: Labels, ref: SeriesRef): void {
    if (this.#retired.has(ref) || this.lacksRoomFor(labels) !== undefined) return;
    this.#retired.set(ref, this.#take(labels));
  }

  /** Forgets the labels of references that `isNeeded` does not name, in steps. */
  *forgetRetired(isNeeded: (ref: SeriesRef) => boolean): Generator<undefined, void> {
    let seen = 0;
    for (const [ref, row] of this.#retired) {
      if (++seen % RETIRED_AT_ONCE === 0) yield undefined;
      if (isNeeded(ref)) continue;
      this.#retired.delete(ref);
      this.#release(row);
    }
  }

  /** Row with the labels of a reference, be it of a series or retired; 0 where they are not known. */
  rowWithLabels(ref: number): SeriesRow {
    return this.#retired.get(ref) ?? (ref <= MAX_REF ? this.rowOf(ref) : 0);
  }

  /** Writes the labels of a row as records of the log hold them. */
  writeLabels(into: ByteWriter, row: SeriesRow): void {
    const count = this.at.labelCount[row]!;
    into.uvarint(count / 2);
    for (let i = 0; i < count; i++) {
      const id = this.#idAt(row, i);
      const size = this.#symbols.sizeOf(id);
      into.uvarint(size);
      into.reserve(size);
      into.length = this.#symbols.copyTo(id, into.bytes, into.length);
    }
  }

  /** The label set, made anew. */
  labelsOf(row: SeriesRow): Labels {
    const count = this.at.labelCount[row]!;
    return Labels.fromSortedPairs(Array.from({ length: count }, (_, i) => this.#symbols.text(this.#idAt(row, i))));
  }

  /** References of all series. */
  liveRefs(): Uint32Array {
    return this.at.ref.subarray(1, this.#end).filter((ref) => ref !== 0);
  }

  /** A row with these labels, whose numbers are in #ids then, and nothing else. */
  #take({ pairs }: Labels): SeriesRow {
    const count = pairs.length;
    this.#reserveIds(count);
    for (let i = 0; i < count; i++) {
      const id = this.#symbols.intern(pairs[i]!);
      this.#symbols.retain(id);
      this.#ids[i] = id;
    }
    const row = this.#freeRows.pop() ?? this.#extend();
    const block = this.#slabs.allocate(count * 4);
    const words = this.#slabs.wordsOf(block >>> 16);
    words.set(this.#ids.subarray(0, count), (block & 0xffff) * 2);
    const { at } = this;
    at.ref[row] = 0;
    at.lastTime[row] = -Infinity;
    at.claimedBy[row] = 0;
    at.labels[row] = block;
    at.labelCount[row] = count;
    return row;
  }

  /** Neither labels nor reference lead to the series any more. */
  #detach(row: SeriesRow): void {
    const { at } = this;
    removeHashed(this.#table, at.hash, row);
    this.references.delete(at.ref[row]!);
    at.ref[row] = 0;
    at.lastTime[row] = -Infinity;
  }

  #release(row: SeriesRow): void {
    const count = this.at.labelCount[row]!;
    for (let i = 0; i < count; i++) this.#symbols.release(this.#idAt(row, i));
    this.#slabs.recycle(this.at.labels[row]!, count * 4);
    this.#freeRows.push(row);
  }

  #idAt(row: SeriesRow, index: number): number {
    const block = this.at.labels[row]!;
    return this.#slabs.wordsOf(block >>> 16)[(block & 0xffff) * 2 + index]!;
  }

  #reserveIds(count: number): void {
    if (count > this.#ids.length) this.#ids = new Uint32Array(count * 2);
  }

  /** Slot of the table with the series whose numbers are in #ids, or the empty slot where it belongs. */
  #probe(hash: number, count: number): number {
    const mask = this.#table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const row = this.#table[slot]!;
      if (row === 0 || (this.at.hash[row] === hash && this.#hasIds(row, count))) return slot;
    }
  }

  #hasIds(row: SeriesRow, count: number): boolean {
    if (this.at.labelCount[row] !== count) return false;
    for (let i = 0; i < count; i++) if (this.#idAt(row, i) !== this.#ids[i]) return false;
    return true;
  }

  #rehash(length: number): void {
    this.#table = new Uint32Array(length);
    for (let row = 1; row < this.#end; row++) {
      if (this.at.ref[row] !== 0) insertHashed(this.#table, this.at.hash, row);
    }
  }

  #extend(): SeriesRow {
    const { ref, hash, lastTime, claimedBy, labels, labelCount } = this.at;
    if (this.#end === ref.length) {
      this.at = columnsOf(grownLength(ref.length, MAX_SERIES));
      this.at.ref.set(ref);
      this.at.hash.set(hash);
      this.at.lastTime.set(lastTime);
      this.at.claimedBy.set(claimedBy);
      this.at.labels.set(labels);
      this.at.labelCount.set(labelCount);
    }
    return this.#end++;
  }
}

const columnsOf = (length: number): AgentColumns => ({
  ref: new Uint32Array(length),
  hash: new Uint32Array(length),
  lastTime: new Float64Array(length),
  claimedBy: new Float64Array(length),
  labels: new Uint32Array(length),
  labelCount: new Uint32Array(length),
});

function hashIds(ids: Uint32Array, count: number): number {
  let hash = count;
  for (let i = 0; i < count; i++) hash = mix(Math.imul(hash, 31) ^ ids[i]!);
  return hash;
}
