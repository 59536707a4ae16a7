import { STALE_HIGH, STALE_LOW } from "@narthex/model";
import { highWord, lowWord } from "@narthex/bytes";
import { BitBuffer, newWindow } from "./bit-buffer.ts";
import { StartTimeWriter } from "./start-times.ts";

/**
 * Bit prefixes that mark a changed value. `same` means that the changed bits fit into the current window of meaningful
 * bits, `other` means that a new window follows.
 */
interface Introduction {
  readonly same: readonly [bits: number, count: number];
  readonly other: readonly [bits: number, count: number];
}

const ANY: Introduction = { same: [0b10, 2], other: [0b110, 3] };
/** Prefixes for a changed value if an earlier prefix of the sample already says that the value has changed. */
const CHANGED: Introduction = { same: [0, 1], other: [1, 1] };

/** Writes one chunk in Prometheus' XOR2 encoding, which readXor2() decodes. */
export class Xor2Writer {
  readonly buffer = new BitBuffer();
  count = 0;
  readonly #starts = new StartTimeWriter();
  #time = 0;
  #delta = 0;
  /** High word of the newest value that is not a stale marker. */
  #high = 0;
  #low = 0;
  readonly #window = newWindow();

  constructor() {
    this.buffer.bits(0, 24);
  }

  /**
   * Appends one sample, whose value is given as two words. `start` is the start timestamp of its counter, ms; 0 if
   * unknown.
   */
  append(time: number, high: number, low: number, start: number): void {
    const { buffer } = this;
    const delta = time - this.#time;
    if (this.count === 0) {
      buffer.uvarint(time < 0 ? -2 * time - 1 : time * 2);
      buffer.words(high, low);
    } else if (this.count === 1) {
      buffer.uvarint(delta);
      this.#anyValue(high, low);
      this.#delta = delta;
    } else {
      this.#joint(delta - this.#delta, high, low);
      this.#delta = delta;
    }
    if (!isStale(high, low)) {
      this.#high = high;
      this.#low = low;
    }
    this.#starts.append(buffer, this.count, time, start);
    this.#time = time;
    this.count++;
    buffer.bytes[0] = this.count >>> 8;
    buffer.bytes[1] = this.count;
    buffer.bytes[2] = this.#starts.header;
  }

  /** Writes the time and the value of a sample with one common prefix. */
  #joint(dod: number, high: number, low: number): void {
    const { buffer } = this;
    if (dod === 0) {
      if (isStale(high, low)) buffer.bits(0b11111, 5);
      else if (((high ^ this.#high) | (low ^ this.#low)) === 0) buffer.bits(0, 1);
      else {
        buffer.bits(0b10, 2);
        this.#change(high ^ this.#high, low ^ this.#low, CHANGED);
      }
      return;
    }
    if (dod >= -4096 && dod <= 4095) buffer.bits((0b110 << 13) | (dod & 0x1fff), 16);
    else if (dod >= -524_288 && dod <= 524_287) buffer.bits((0b1110 << 20) | (dod & 0xfffff), 24);
    else {
      buffer.bits(0b11110, 5);
      buffer.words(highWord(dod), lowWord(dod));
    }
    this.#anyValue(high, low);
  }

  #anyValue(high: number, low: number): void {
    const { buffer } = this;
    if (isStale(high, low)) buffer.bits(0b111, 3);
    else if (((high ^ this.#high) | (low ^ this.#low)) === 0) buffer.bits(0, 1);
    else this.#change(high ^ this.#high, low ^ this.#low, ANY);
  }

  #change(high: number, low: number, { same, other }: Introduction): void {
    const { buffer } = this;
    const window = this.#window;
    const leading = Math.min(31, high === 0 ? 32 + Math.clz32(low) : Math.clz32(high));
    const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low);
    if (window.leading !== 0xff && leading >= window.leading && trailing >= window.trailing) buffer.bits(...same);
    else {
      window.leading = leading;
      window.trailing = trailing;
      buffer.bits(...other);
      buffer.bits((leading << 6) | ((64 - leading - trailing) & 63), 11);
    }
    buffer.window(high, low, window);
  }
}

// Returns whether the value is the stale marker, which differs from other NaNs only in its bits.
const isStale = (high: number, low: number): boolean => high === STALE_HIGH && low === STALE_LOW;

const trailingZeros = (word: number): number => 31 - Math.clz32(word & -word);
