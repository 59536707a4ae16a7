import type { BitBuffer, BitCursor } from "./bit-buffer.ts";

/** Bit of the chunk's header byte: the first sample has a start timestamp. */
const FIRST_KNOWN = 0x80;
/**
 * Its other bits: index of the first sample whose start timestamp is stored as a change. Earlier samples have the first
 * start timestamp. 0: no sample stores one.
 */
const CHANGES_FROM = 0x7f;

/**
 * Reads the start timestamps of a chunk of encoding 4 to 6, each after its sample. Each is coded as the distance to the
 * previous sample, the first one as the distance to its own sample.
 */
export class StartTimeReader {
  /** Start timestamp of the last sample that was read, ms; 0 unknown. */
  start = 0;
  readonly #header: number;
  #distance = 0;
  #time = 0;

  constructor(header: number) {
    this.#header = header;
  }

  /** Reads the bits after sample `index`, whose time is `time`. */
  next(cursor: BitCursor, index: number, time: number): void {
    const { start } = this;
    const before = this.#time;
    this.#time = time;
    if (index === 0) {
      if ((this.#header & FIRST_KNOWN) === 0) return;
      const zigzag = cursor.uvarint();
      this.start = time - (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
      return;
    }
    const changesFrom = this.#header & CHANGES_FROM;
    if (changesFrom === 0 || index < changesFrom) {
      this.start = start;
      return;
    }
    this.#distance += cursor.varbitInt();
    this.start = before - this.#distance;
  }
}

/** Writes the format of StartTimeReader. */
export class StartTimeWriter {
  header = 0;
  #start = 0;
  #distance = 0;
  #time = 0;

  /** Writes the bits after sample `index`, whose time is `time`; `start` 0 is unknown. */
  append(buffer: BitBuffer, index: number, time: number, start: number): void {
    const before = this.#time;
    this.#time = time;
    if (index === 0) this.#first(buffer, time, start);
    else if ((this.header & CHANGES_FROM) !== 0) {
      const distance = before - start;
      buffer.varbitInt(distance - this.#distance);
      this.#distance = distance;
    } else if (start !== this.#start || index === CHANGES_FROM) {
      // A later change could not be numbered: the last possible number is used although the start has not changed.
      this.header |= index;
      this.#distance = before - start;
      buffer.varbitInt(this.#distance);
    }
    this.#start = start;
  }

  #first(buffer: BitBuffer, time: number, start: number): void {
    if (start === 0) return;
    this.header = FIRST_KNOWN;
    const distance = time - start;
    buffer.uvarint(distance < 0 ? -2 * distance - 1 : distance * 2);
  }
}
