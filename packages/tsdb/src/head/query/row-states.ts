import type { HeadMemory } from "../memory/head-memory.ts";
import type { OutOfOrderChunks } from "../out-of-order/out-of-order-columns.ts";
import type { RowState } from "../concurrency/row-image.ts";
import type { SeriesRow } from "../memory/series-rows.ts";
import type { Snapshot } from "../concurrency/undo-log.ts";

/** What a row takes in all columns, deleted samples' references included. */
const ROW_BYTES = 47;

/** The states of chosen rows in a snapshot, one column per field. */
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
  /** Two words per row: the value of its newest sample in order, where that is a float. */
  readonly lastWords: Uint32Array;
  /** Out-of-order samples per row: full chunks, their end, unfilled chunks; undefined when none has any. */
  #outOfOrder: Uint32Array | undefined;
  /** References, where samples of some are deleted. */
  readonly refs: Uint32Array | undefined;
  readonly #memory: HeadMemory;

  /** Copies the rows as they are. */
  private constructor(memory: HeadMemory, rows: Uint32Array) {
    const { at } = memory.series;
    const count = rows.length;
    this.#memory = memory;
    this.rows = rows;
    // One piece of memory for all: a column of its own each costs more than what it holds where few rows are chosen.
    const hasDeleted = memory.tombstones.size > 0;
    const buffer = new ArrayBuffer(count * (hasDeleted ? ROW_BYTES : ROW_BYTES - 4));
    this.openMinTime = new Float64Array(buffer, 0, count);
    this.lastTime = new Float64Array(buffer, count * 8, count);
    this.lastWords = new Uint32Array(buffer, count * 16, count * 2);
    this.firstChunk = new Uint32Array(buffer, count * 24, count);
    this.lastChunk = new Uint32Array(buffer, count * 28, count);
    this.openBlock = new Uint32Array(buffer, count * 32, count);
    this.openBits = new Uint32Array(buffer, count * 36, count);
    const ends = hasDeleted ? 44 : 40;
    this.refs = hasDeleted ? new Uint32Array(buffer, count * 40, count) : undefined;
    this.openCount = new Uint16Array(buffer, count * ends, count);
    this.openEncoding = new Uint8Array(buffer, count * (ends + 2), count);
    this.#copyTimes();
    this.#copyChunks();
    if (this.refs !== undefined) for (let i = 0; i < count; i++) this.refs[i] = at.ref[rows[i]!]!;
    if (!memory.series.hasOutOfOrder) return;
    const { outOfOrder, outOfOrderEnd, outOfOrderOpen } = at;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (outOfOrderOpen[row] !== 0 || outOfOrder[row] !== outOfOrderEnd[row]) this.#copyOutOfOrder(i, row);
    }
  }

  // Each column by a variable of its own: one loop for columns of several types would look up the type for each number, and
  // waits for the memory of one after the other.
  #copyTimes(): void {
    const { openMinTime, lastTime, lastWords, rows } = this;
    const { openMinTime: fromMinTime, lastTime: fromLastTime, lastWords: fromWords } = this.#memory.series.at;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      openMinTime[i] = fromMinTime[row]!;
      lastTime[i] = fromLastTime[row]!;
      lastWords[i * 2] = fromWords[row * 2]!;
      lastWords[i * 2 + 1] = fromWords[row * 2 + 1]!;
    }
  }

  #copyChunks(): void {
    const { rows, firstChunk, lastChunk, openBlock, openBits, openCount, openEncoding } = this;
    const { at } = this.#memory.series;
    const { firstChunk: fromFirst, lastChunk: fromLast, openBlock: fromBlock, openBits: fromBits } = at;
    const { openCount: fromCount, openEncoding: fromEncoding } = at;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      firstChunk[i] = fromFirst[row]!;
      lastChunk[i] = fromLast[row]!;
      openBlock[i] = fromBlock[row]!;
      openBits[i] = fromBits[row]!;
      openCount[i] = fromCount[row]!;
      openEncoding[i] = fromEncoding[row]!;
    }
  }

  /** The states of rows in a snapshot. Throws SnapshotLost. */
  static take(memory: HeadMemory, rows: Uint32Array, snapshot: Snapshot): RowStates {
    const states = new RowStates(memory, rows);
    memory.undo.correct(rows, snapshot, (state, place) => states.#put(state, place));
    return states;
  }

  /** Has the row out-of-order samples that no block holds? */
  isOutOfOrder(index: number): boolean {
    const outOfOrder = this.#outOfOrder;
    return (
      outOfOrder !== undefined &&
      (outOfOrder[index * 3] !== outOfOrder[index * 3 + 1] || outOfOrder[index * 3 + 2] !== 0)
    );
  }

  /** The out-of-order chunks of a row that isOutOfOrder(). */
  outOfOrder(index: number): OutOfOrderChunks {
    const outOfOrder = this.#outOfOrder!;
    return { full: outOfOrder[index * 3]!, end: outOfOrder[index * 3 + 1]!, open: outOfOrder[index * 3 + 2]! };
  }

  #copyOutOfOrder(index: number, row: SeriesRow): void {
    const { at } = this.#memory.series;
    const [full, end, open] = [at.outOfOrder[row]!, at.outOfOrderEnd[row]!, at.outOfOrderOpen[row]!];
    this.#setOutOfOrder(index, full, end, open);
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
    this.lastWords[index * 2] = state.lastLow;
    this.lastWords[index * 2 + 1] = state.lastHigh;
    if (this.refs !== undefined) this.refs[index] = state.ref;
    if (this.#outOfOrder !== undefined || state.outOfOrderOpen !== 0 || state.outOfOrderFull !== state.outOfOrderEnd) {
      this.#setOutOfOrder(index, state.outOfOrderFull, state.outOfOrderEnd, state.outOfOrderOpen);
    }
  }
}
