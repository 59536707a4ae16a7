import type { BitBuffer, BitCursor } from "./bit-buffer.ts";

/** The chunk's header byte: the first sample has a start timestamp. */
const FIRST_KNOWN = 0x80;
/** Its other bits: number of the sample from which on each has one, as the change to the one before; 0 for none. */
const CHANGES_FROM = 0x7f;

/**
 * Reads the start timestamps behind the samples of a chunk that may have some (encodings 4 to 6). They are told as the
 * distance to the sample before, the first as that to its own.
 */
export class StartTimeReader {
  /** Of the sample read last, ms; 0 unknown. */
  start = 0;
  readonly #header: number;
  #distance = 0;
  #time = 0;

  constructor(header: number) {
    this.#header = header;
  }

  /** Reads what follows sample `index`, of this time. */
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

/** Writes what StartTimeReader reads. */
export class StartTimeWriter {
  header = 0;
  #start = 0;
  #distance = 0;
  #time = 0;

  /** Writes what follows sample `index`, of this time; `start` 0 is unknown. */
  append(buffer: BitBuffer, index: number, time: number, start: number): void {
    const before = this.#time;
    this.#time = time;
    if (index === 0) this.#first(buffer, time, start);
    else if ((this.header & CHANGES_FROM) !== 0) {
      const distance = before - start;
      buffer.varbitInt(distance - this.#distance);
      this.#distance = distance;
    } else if (start !== this.#start || index === CHANGES_FROM) {
      // Later changes could not be numbered: the last number that fits is taken though nothing has changed.
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
