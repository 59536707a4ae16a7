import type { ChunkId } from "../memory/chunk-table.ts";
import type { BlockRef } from "../memory/byte-slabs.ts";
import type { SeriesRow } from "../memory/series-rows.ts";
import type { SeriesTable } from "../memory/series-table.ts";

/** State of a series' row, as the undo log saves it: all fields that are needed to read the row's samples. */
export interface RowState {
  ref: number;
  firstChunk: ChunkId;
  lastChunk: ChunkId;
  openBlock: BlockRef;
  openCount: number;
  openEncoding: number;
  openBits: number;
  openMinTime: number;
  lastTime: number;
  /** Low word of the newest value. `lastHigh` is the high word. */
  lastLow: number;
  lastHigh: number;
  outOfOrderFull: ChunkId;
  outOfOrderEnd: ChunkId;
  outOfOrderOpen: ChunkId;
  outOfOrderMin: number;
  outOfOrderMax: number;
}

/** Size in bytes of a saved row state (an image). */
export const IMAGE_BYTES = 80;

const REF = 0;
const FIRST_CHUNK = 4;
const LAST_CHUNK = 8;
const OPEN_BLOCK = 12;
const OPEN_COUNT = 16;
const OPEN_ENCODING = 18;
const OPEN_BITS = 20;
const LAST_LOW = 24;
const LAST_HIGH = 28;
const OUT_OF_ORDER_FULL = 32;
const OUT_OF_ORDER_END = 36;
const OUT_OF_ORDER_OPEN = 40;
const OPEN_MIN_TIME = 48;
const LAST_TIME = 56;
const OUT_OF_ORDER_MIN = 64;
const OUT_OF_ORDER_MAX = 72;

/** Saves the current state of a row as an image at byte `start`. */
export function writeImage(view: DataView, start: number, { at }: SeriesTable, row: SeriesRow): void {
  view.setUint32(start + REF, at.ref[row]!);
  view.setUint32(start + FIRST_CHUNK, at.firstChunk[row]!);
  view.setUint32(start + LAST_CHUNK, at.lastChunk[row]!);
  view.setUint32(start + OPEN_BLOCK, at.openBlock[row]!);
  view.setUint16(start + OPEN_COUNT, at.openCount[row]!);
  view.setUint16(start + OPEN_ENCODING, at.openEncoding[row]!);
  view.setUint32(start + OPEN_BITS, at.openBits[row]!);
  view.setUint32(start + LAST_LOW, at.lastValueWords[row * 2]!);
  view.setUint32(start + LAST_HIGH, at.lastValueWords[row * 2 + 1]!);
  view.setUint32(start + OUT_OF_ORDER_FULL, at.outOfOrder[row]!);
  view.setUint32(start + OUT_OF_ORDER_END, at.outOfOrderEnd[row]!);
  view.setUint32(start + OUT_OF_ORDER_OPEN, at.outOfOrderOpen[row]!);
  view.setFloat64(start + OPEN_MIN_TIME, at.openMinTime[row]!);
  view.setFloat64(start + LAST_TIME, at.lastTime[row]!);
  view.setFloat64(start + OUT_OF_ORDER_MIN, at.outOfOrderMin[row]!);
  view.setFloat64(start + OUT_OF_ORDER_MAX, at.outOfOrderMax[row]!);
}

/** Reads an image that writeImage() wrote into `into`. */
export function readImage(view: DataView, start: number, into: RowState): void {
  into.ref = view.getUint32(start + REF);
  into.firstChunk = view.getUint32(start + FIRST_CHUNK);
  into.lastChunk = view.getUint32(start + LAST_CHUNK);
  into.openBlock = view.getUint32(start + OPEN_BLOCK);
  into.openCount = view.getUint16(start + OPEN_COUNT);
  into.openEncoding = view.getUint16(start + OPEN_ENCODING);
  into.openBits = view.getUint32(start + OPEN_BITS);
  into.lastLow = view.getUint32(start + LAST_LOW);
  into.lastHigh = view.getUint32(start + LAST_HIGH);
  into.outOfOrderFull = view.getUint32(start + OUT_OF_ORDER_FULL);
  into.outOfOrderEnd = view.getUint32(start + OUT_OF_ORDER_END);
  into.outOfOrderOpen = view.getUint32(start + OUT_OF_ORDER_OPEN);
  into.openMinTime = view.getFloat64(start + OPEN_MIN_TIME);
  into.lastTime = view.getFloat64(start + LAST_TIME);
  into.outOfOrderMin = view.getFloat64(start + OUT_OF_ORDER_MIN);
  into.outOfOrderMax = view.getFloat64(start + OUT_OF_ORDER_MAX);
}

export const emptyState = (): RowState => ({
  ref: 0,
  firstChunk: 0,
  lastChunk: 0,
  openBlock: 0,
  openCount: 0,
  openEncoding: 0,
  openBits: 0,
  openMinTime: 0,
  lastTime: 0,
  lastLow: 0,
  lastHigh: 0,
  outOfOrderFull: 0,
  outOfOrderEnd: 0,
  outOfOrderOpen: 0,
  outOfOrderMin: 0,
  outOfOrderMax: 0,
});
