import type { BitBuffer, BitCursor } from "./bit-buffer.ts";

/** Bit of the chunk's header byte that is set if the first sample has a start timestamp. */
const FIRST_KNOWN = 0x80;
/**
 * Mask for the index of the first sample with its own start timestamp. All samples before this index share the start
 * timestamp of the first sample. Index 0 means that all samples share it.
 */
const CHANGES_FROM = 0x7f;

/**
 * Reads the start timestamps in a chunk of encoding 4 to 6. Each start timestamp follows its sample. The first start
 * timestamp is stored as its distance from the time of its sample. For each later start timestamp, the change of this
 * distance from the previous sample is stored.
 */
export class StartTimeReader {
  /** Start timestamp of the sample that was read last, ms; 0 if unknown. */
  start = 0;
  readonly #header: number;
  #distance = 0;
  #time = 0;

  constructor(header: number) {
    this.#header = header;
  }

  /** Reads the start timestamp after sample `index`, whose time is `time`. */
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

/** Writes start timestamps in the format that StartTimeReader reads. */
export class StartTimeWriter {
  header = 0;
  #start = 0;
  #distance = 0;
  #time = 0;

  /**
   * Writes the start timestamp of sample `index`, whose time is `time`. `start` is 0 if the start timestamp is unknown.
   */
  append(buffer: BitBuffer, index: number, time: number, start: number): void {
    const before = this.#time;
    this.#time = time;
    if (index === 0) this.#first(buffer, time, start);
    else if ((this.header & CHANGES_FROM) !== 0) {
      const distance = before - start;
      buffer.varbitInt(distance - this.#distance);
      this.#distance = distance;
    } else if (start !== this.#start || index === CHANGES_FROM) {
      // The header has only seven bits for the index. The sample with the largest possible index therefore always
      // stores its start timestamp.
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
