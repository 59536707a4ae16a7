import { parseDecimal, utf8Text } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d] as const;

/** Largest number of open objects and arrays in a skipped value, so that a list of them takes at most 40 MB. */
const MAX_SKIPPED_DEPTH = 5_000_000;

/** Number of values that are skipped between two yields to other work. */
const SKIPPED_A_STEP = 4096;

/** Error that bytes are not valid JSON, or not the expected JSON. */
export class JsonProblem extends Error {
  override readonly name = "JsonProblem";
}

/** Reads JSON values from bytes one after another. Throws JsonProblem for invalid JSON. */
export class JsonCursor {
  readonly bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Returns the next byte that is not white space, or -1 at the end. */
  peek(): number {
    const { bytes } = this;
    while (this.#at < bytes.length && bytes[this.#at]! <= 0x20) this.#at++;
    return this.#at < bytes.length ? bytes[this.#at]! : -1;
  }

  /** Throws an error if other bytes than white space follow. */
  end(): void {
    if (this.peek() !== -1) this.fail();
  }

  fail(): never {
    throw new JsonProblem(`malformed JSON at byte ${this.#at}`);
  }

  /** Skips the next byte. Throws an error if it differs from `byte`. */
  expect(byte: number): void {
    if (this.peek() !== byte) this.fail();
    this.#at++;
  }

  /** Reads an object. `entry` must read the value of each key. */
  object(entry: (key: string) => void): void {
    this.expect(0x7b);
    if (this.#took(0x7d)) return;
    for (;;) {
      const key = this.string();
      this.expect(COLON);
      entry(key);
      if (this.#took(0x7d)) return;
      this.expect(COMMA);
    }
  }

  /** Enters an array. Returns false if the array is empty. */
  beginArray(): boolean {
    this.expect(0x5b);
    return !this.#took(0x5d);
  }

  /** Moves to the next element of an array. Returns false after the last element. */
  nextElement(): boolean {
    if (this.#took(0x5d)) return false;
    this.expect(COMMA);
    return true;
  }

  string(): string {
    const from = this.#at;
    const [start, end] = this.#stringRange();
    for (let i = start; i < end; i++) {
      if (this.bytes[i] === BACKSLASH) return this.#escaped(start, end);
      if (this.bytes[i]! < 0x20) {
        this.#at = from;
        this.fail();
      }
    }
    return utf8Text(this.bytes.subarray(start, end));
  }

  /** Reads a number. NaN and the infinities are strings in JSON. */
  number(): number {
    if (this.peek() !== QUOTE) return this.#decimal(...this.#wordRange());
    const [start, end] = this.#stringRange();
    const head = this.bytes[start]!;
    const sign = head === 0x2b || head === 0x2d ? 1 : 0;
    const letter = this.bytes[start + sign]!;
    if (letter !== 0x49 && letter !== 0x4e) return this.#decimal(start, end);
    switch (utf8Text(this.bytes.subarray(start, end))) {
      case "NaN":
        return NaN;
      case "Inf":
      case "+Inf":
      case "Infinity":
      case "+Infinity":
        return Infinity;
      case "-Inf":
      case "-Infinity":
        return -Infinity;
      default:
        return this.fail();
    }
  }

  /** Skips `null` if it is the next value. Returns whether it was. */
  tookNull(): boolean {
    if (this.peek() !== 0x6e) return false;
    const [start, end] = this.#wordRange();
    if (utf8Text(this.bytes.subarray(start, end)) !== "null") this.fail();
    return true;
  }

  /** Skips the next value of any type and nesting depth. */
  skip(): void {
    this.#skipValues([], Infinity);
  }

  /** Skips the next value of any type, size and nesting depth in short steps. Yields after each step. */
  *skipInSteps(): Steps<void> {
    const around: number[] = [];
    for (let isSkipped = false; !isSkipped;) {
      isSkipped = this.#skipValues(around, SKIPPED_A_STEP);
      yield;
    }
  }

  /**
   * Skips at most `most` values, and returns whether the outermost value is skipped. The caller passes the same list
   * again to continue.
   * @param around closing bytes of the open objects and arrays, the innermost last
   */
  #skipValues(around: number[], most: number): boolean {
    for (let count = 0; count < most; count++) {
      const next = this.peek();
      if (next === OPEN_OBJECT || next === OPEN_ARRAY) {
        if (around.length >= MAX_SKIPPED_DEPTH) this.fail();
        this.#at++;
        const end = next === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
        if (!this.#took(end)) {
          around.push(end);
          if (end === CLOSE_OBJECT) this.#skipKey();
          continue;
        }
      } else if (next === QUOTE) this.#stringRange();
      else this.#wordRange();
      while (around.length > 0 && this.#took(around.at(-1)!)) around.pop();
      if (around.length === 0) return true;
      this.expect(COMMA);
      if (around.at(-1) === CLOSE_OBJECT) this.#skipKey();
    }
    return false;
  }

  #skipKey(): void {
    this.string();
    this.expect(COLON);
  }

  #took(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.#at++;
    return true;
  }

  /** Returns the positions of the start and the end of a string's text. */
  #stringRange(): [start: number, end: number] {
    this.expect(QUOTE);
    const { bytes } = this;
    const start = this.#at;
    let at = start;
    while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    if (at >= bytes.length) this.fail();
    this.#at = at + 1;
    return [start, at];
  }

  #escaped(start: number, end: number): string {
    try {
      return JSON.parse(`"${utf8Text(this.bytes.subarray(start, end))}"`) as string;
    } catch {
      return this.fail();
    }
  }

  /** Returns the positions of the start and the end of a number or a word. */
  #wordRange(): [start: number, end: number] {
    this.peek();
    const { bytes } = this;
    const start = this.#at;
    let at = start;
    while (at < bytes.length && isWordByte(bytes[at]!)) at++;
    if (at === start) this.fail();
    this.#at = at;
    return [start, at];
  }

  #decimal(start: number, end: number): number {
    const value = parseDecimal(this.bytes, start, end);
    if (value === value) return value;
    const text = utf8Text(this.bytes.subarray(start, end));
    return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : this.fail();
  }
}

/** Returns whether a byte is a letter, digit, sign or point. */
export const isWordByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  (byte >= 0x41 && byte <= 0x5a) ||
  byte === 0x2b ||
  byte === 0x2d ||
  byte === 0x2e;
