import { partTooLarge } from "../../message-limits.ts";

const NOTHING = new Uint8Array();
const NO_VIEW = new DataView(NOTHING.buffer);
const MIN_COPY_BYTES = 256;

/**
 * The bytes of one field of a protobuf message. Usually a view of the message; a copy if the field occurs several times
 * with other fields in between.
 */
export class ByteRun {
  bytes: Uint8Array = NOTHING;
  view: DataView = NO_VIEW;
  start = 0;
  end = 0;
  readonly #maxLength: number;
  /**
   * Buffer for the copied bytes. Allocated only when needed, because a message may have hundreds of thousands of
   * ByteRun objects.
   */
  #copy: Uint8Array = NOTHING;
  #copyView: DataView = NO_VIEW;

  /** @param maxLength largest length in bytes; if it is exceeded, add() throws a MessageError */
  constructor(maxLength = Infinity) {
    this.#maxLength = maxLength;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Removes all bytes and continues with another protobuf message. */
  reset(message: Uint8Array, view: DataView): void {
    this.bytes = message;
    this.view = view;
    this.start = this.end = 0;
  }

  add(message: Uint8Array, from: number, to: number): void {
    if (this.start === this.end && this.bytes === message) {
      this.start = from;
      this.end = to;
    } else if (this.bytes === message && from === this.end) this.end = to;
    else this.#append(message, from, to);
    if (this.end - this.start > this.#maxLength) throw partTooLarge();
  }

  #append(message: Uint8Array, from: number, to: number): void {
    const isCopied = this.bytes === this.#copy;
    const before = this.length;
    const length = before + to - from;
    const held = this.bytes.subarray(this.start, this.end);
    if (length > this.#copy.length) {
      this.#copy = new Uint8Array(Math.max(length * 2, MIN_COPY_BYTES));
      this.#copyView = new DataView(this.#copy.buffer);
      this.#copy.set(held);
    } else if (!isCopied) this.#copy.set(held);
    this.#copy.set(message.subarray(from, to), before);
    this.bytes = this.#copy;
    this.view = this.#copyView;
    this.start = 0;
    this.end = length;
  }

  /** Removes all bytes after the first `length`. */
  truncate(length: number): void {
    if (length < this.length) this.end = this.start + length;
  }

  get taken(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}
