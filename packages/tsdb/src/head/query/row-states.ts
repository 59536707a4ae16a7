import type { HeadMemory } from "../memory/head-memory.ts";
import type { OutOfOrderChunks } from "../out-of-order/out-of-order-columns.ts";
import type { RowState } from "../concurrency/row-image.ts";
import type { DeletedInterval } from "../../chunk/deleted-interval.ts";
import type { Snapshot } from "../concurrency/undo-log.ts";

/** Number of bytes that one row takes in all columns together. */
const ROW_BYTES = 43;

type SeriesColumns = HeadMemory["series"]["at"];
type StateColumns = Pick<
  SeriesColumns,
  | "firstChunk"
  | "lastChunk"
  | "openBlock"
  | "openCount"
  | "openBits"
  | "openEncoding"
  | "openMinTime"
  | "lastTime"
  | "lastValueWords"
>;

/** States of the selected rows at the time of a snapshot, as columns. */
export class RowStates {
  readonly rows: Uint32Array;
  readonly firstChunk: Uint32Array;
  readonly lastChunk: Uint32Array;
  readonly openBlock: Uint32Array;
  readonly openCount: Uint16Array;
  readonly openBits: Uint32Array;
  readonly openEncoding: Uint8Array;
  readonly openMinTime: Float64Array;
  readonly lastTime: Float64Array;
  /** Value of the newest in-order sample of each row, if it is a float, as two words. */
  readonly lastValueWords: Uint32Array;
  /**
   * Three out-of-order chunks of each row: the newest full chunk, the chunk before which the list of full chunks ends,
   * and the newest chunk that is not full. Undefined if no row has out-of-order chunks.
   */
  #outOfOrder: Uint32Array | undefined;
  /** Deleted time intervals of each row. Undefined if no row has deleted samples. */
  deleted: readonly (readonly DeletedInterval[] | undefined)[] | undefined;

  private constructor(rows: Uint32Array) {
    const count = rows.length;
    this.rows = rows;
    // Puts all columns into one buffer. For few rows, separate buffers would cost more memory than their content.
    const buffer = new ArrayBuffer(count * ROW_BYTES);
    this.openMinTime = new Float64Array(buffer, 0, count);
    this.lastTime = new Float64Array(buffer, count * 8, count);
    this.lastValueWords = new Uint32Array(buffer, count * 16, count * 2);
    this.firstChunk = new Uint32Array(buffer, count * 24, count);
    this.lastChunk = new Uint32Array(buffer, count * 28, count);
    this.openBlock = new Uint32Array(buffer, count * 32, count);
    this.openBits = new Uint32Array(buffer, count * 36, count);
    this.openCount = new Uint16Array(buffer, count * 40, count);
    this.openEncoding = new Uint8Array(buffer, count * 42, count);
  }

  /** Copies the states that rows have in a snapshot. Throws SnapshotLost. */
  static take(memory: HeadMemory, rows: Uint32Array, snapshot: Snapshot): RowStates {
    const { series, tombstones } = memory;
    const states = new RowStates(rows);
    states.#copyColumns(series.at, rows);
    if (series.hasOutOfOrder) states.#copyAllOutOfOrder(series.at);
    const refs = tombstones.size > 0 ? new Uint32Array(rows.length) : undefined;
    if (refs !== undefined) for (let i = 0; i < rows.length; i++) refs[i] = series.at.ref[rows[i]!]!;
    memory.undo.correct(rows, snapshot, (state, place) => {
      states.#put(state, place);
      if (refs !== undefined) refs[place] = state.ref;
    });
    // Reads the tombstones within the snapshot, because they are removed together with the samples that they hide.
    states.deleted = refs && Array.from(refs, (ref) => tombstones.intervalsOf(ref));
    return states;
  }

  /** Returns the states of a subset of the rows in another order. `places` has the index of each row in this object. */
  reordered(rows: Uint32Array, places: Uint32Array): RowStates {
    const states = new RowStates(rows);
    states.#copyColumns(this, places);
    const outOfOrder = this.#outOfOrder;
    if (outOfOrder !== undefined) {
      for (let i = 0; i < rows.length; i++) {
        const from = places[i]! * 3;
        states.#setOutOfOrder(i, outOfOrder[from]!, outOfOrder[from + 1]!, outOfOrder[from + 2]!);
      }
    }
    const { deleted } = this;
    states.deleted = deleted && Array.from(places, (place) => deleted[place]);
    return states;
  }

  // Copies the columns, with one variable per column. A loop over columns of several types would look up the type for
  // each number, and would wait for the memory of one column after the other.
  #copyColumns(source: StateColumns, places: Uint32Array): void {
    this.#copyTimes(source, places);
    this.#copyChunks(source, places);
  }

  #copyTimes(source: StateColumns, places: Uint32Array): void {
    const { openMinTime, lastTime, lastValueWords } = this;
    const { openMinTime: fromMinTime, lastTime: fromLastTime, lastValueWords: fromWords } = source;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      openMinTime[i] = fromMinTime[place]!;
      lastTime[i] = fromLastTime[place]!;
      lastValueWords[i * 2] = fromWords[place * 2]!;
      lastValueWords[i * 2 + 1] = fromWords[place * 2 + 1]!;
    }
  }

  #copyChunks(source: StateColumns, places: Uint32Array): void {
    const { firstChunk, lastChunk, openBlock, openBits, openCount, openEncoding } = this;
    const { firstChunk: fromFirst, lastChunk: fromLast, openBlock: fromBlock, openBits: fromBits } = source;
    const { openCount: fromCount, openEncoding: fromEncoding } = source;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      firstChunk[i] = fromFirst[place]!;
      lastChunk[i] = fromLast[place]!;
      openBlock[i] = fromBlock[place]!;
      openBits[i] = fromBits[place]!;
      openCount[i] = fromCount[place]!;
      openEncoding[i] = fromEncoding[place]!;
    }
  }

  #copyAllOutOfOrder({ outOfOrder, outOfOrderEnd, outOfOrderOpen }: SeriesColumns): void {
    for (let i = 0; i < this.rows.length; i++) {
      const row = this.rows[i]!;
      const [full, end, open] = [outOfOrder[row]!, outOfOrderEnd[row]!, outOfOrderOpen[row]!];
      if (open !== 0 || full !== end) this.#setOutOfOrder(i, full, end, open);
    }
  }

  /** Returns whether the row has out-of-order samples that are not in a block. */
  isOutOfOrder(index: number): boolean {
    const outOfOrder = this.#outOfOrder;
    return (
      outOfOrder !== undefined &&
      (outOfOrder[index * 3] !== outOfOrder[index * 3 + 1] || outOfOrder[index * 3 + 2] !== 0)
    );
  }

  /** Returns the out-of-order chunks of a row for which isOutOfOrder() is true. */
  outOfOrder(index: number): OutOfOrderChunks {
    const outOfOrder = this.#outOfOrder!;
    return { full: outOfOrder[index * 3]!, end: outOfOrder[index * 3 + 1]!, open: outOfOrder[index * 3 + 2]! };
  }

  #setOutOfOrder(index: number, full: number, end: number, open: number): void {
    const outOfOrder = (this.#outOfOrder ??= new Uint32Array(this.rows.length * 3));
    outOfOrder[index * 3] = full;
    outOfOrder[index * 3 + 1] = end;
    outOfOrder[index * 3 + 2] = open;
  }

  #put(state: RowState, index: number): void {
    this.firstChunk[index] = state.firstChunk;
    this.lastChunk[index] = state.lastChunk;
    this.openBlock[index] = state.openBlock;
    this.openCount[index] = state.openCount;
    this.openBits[index] = state.openBits;
    this.openEncoding[index] = state.openEncoding;
    this.openMinTime[index] = state.openMinTime;
    this.lastTime[index] = state.lastTime;
    this.lastValueWords[index * 2] = state.lastLow;
    this.lastValueWords[index * 2 + 1] = state.lastHigh;
    if (this.#outOfOrder !== undefined || state.outOfOrderOpen !== 0 || state.outOfOrderFull !== state.outOfOrderEnd) {
      this.#setOutOfOrder(index, state.outOfOrderFull, state.outOfOrderEnd, state.outOfOrderOpen);
    }
  }
}
