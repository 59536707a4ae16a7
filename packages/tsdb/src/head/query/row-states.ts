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
    // Column by column: rows in the order of their labels lie anywhere, and one column fits the processor's caches.
    this.openMinTime = gather(at.openMinTime, rows, new Float64Array(buffer, 0, count));
    this.lastTime = gather(at.lastTime, rows, new Float64Array(buffer, count * 8, count));
    const words = (this.lastWords = new Uint32Array(buffer, count * 16, count * 2));
    this.firstChunk = gather(at.firstChunk, rows, new Uint32Array(buffer, count * 24, count));
    this.lastChunk = gather(at.lastChunk, rows, new Uint32Array(buffer, count * 28, count));
    this.openBlock = gather(at.openBlock, rows, new Uint32Array(buffer, count * 32, count));
    this.openBits = gather(at.openBits, rows, new Uint32Array(buffer, count * 36, count));
    const ends = hasDeleted ? 44 : 40;
    this.refs = hasDeleted ? gather(at.ref, rows, new Uint32Array(buffer, count * 40, count)) : undefined;
    this.openCount = gather(at.openCount, rows, new Uint16Array(buffer, count * ends, count));
    this.openEncoding = gather(at.openEncoding, rows, new Uint8Array(buffer, count * (ends + 2), count));
    for (let i = 0; i < count; i++) {
      words[i * 2] = at.lastWords[rows[i]! * 2]!;
      words[i * 2 + 1] = at.lastWords[rows[i]! * 2 + 1]!;
    }
    if (!memory.series.hasOutOfOrder) return;
    const { outOfOrder, outOfOrderEnd, outOfOrderOpen } = at;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (outOfOrderOpen[row] !== 0 || outOfOrder[row] !== outOfOrderEnd[row]) this.#copyOutOfOrder(i, row);
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

function gather<T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  column: ArrayLike<number>,
  rows: Uint32Array,
  into: T,
): T {
  for (let i = 0; i < rows.length; i++) into[i] = column[rows[i]!]!;
  return into;
}
