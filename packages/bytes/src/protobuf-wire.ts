import { utf8Text } from "./utf8-text.ts";

/** Wire types of protocol buffers. */
export const WIRE_VARINT = 0;
export const WIRE_FIXED64 = 1;
export const WIRE_LENGTH = 2;
const WIRE_GROUP = 3;
const WIRE_GROUP_END = 4;
export const WIRE_FIXED32 = 5;

/**
 * Maximum length of a text that is encoded one character at a time. For a short text, this is faster than a call of
 * TextEncoder.
 */
const SHORT_TEXT = 64;
/**
 * Maximum number of fields in a protobuf group (a deprecated encoding that neither Narthex nor Go writes). A group with
 * more fields would block the event loop, so it is refused.
 */
const MAX_GROUP_FIELDS = 100_000;

/** Bytes are not a valid protobuf message: a truncated length, an endless varint, or an unknown wire type. */
export class WireError extends Error {
  override readonly name = "WireError";

  /** The error message that Go's generated protobuf code gives for the same error. */
  get goMessage(): string {
    return this.message === "unexpected EOF" ? this.message : `proto: ${this.message}`;
  }
}

/**
 * Reads the tags and values of a protobuf message without a schema. `tag()` returns 8 · field number + wire type, or 0
 * at the end of the message. After each tag, the caller must read or skip exactly one value. Throws WireError, and
 * never reads outside [at, end).
 */
export class WireReader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;
  #view: DataView;
  #buffer: Buffer | undefined;
  /** Start of the content of the field that `range()` read last. */
  start = 0;
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves the reader to another range of the same bytes. */
  seek(at: number, end: number): void {
    this.at = at;
    this.end = end;
  }

  /**
   * Reads the tag of the next field. Returns 0 at the end of the message.
   * @param message name of the message, for errors
   */
  tag(message: string): number {
    if (this.at >= this.end) return 0;
    this.#varint();
    if ((this.#low & 7) === WIRE_GROUP_END) throw new WireError(`${message}: wiretype end group for non-group`);
    // Uses only 32 bits of the field number, as Go's generated protobuf code does.
    const field = (this.#high << 29) | (this.#low >>> 3);
    if (field <= 0) {
      const wire = (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
      throw new WireError(`${message}: illegal tag ${field} (wire type ${wire})`);
    }
    return field * 8 + (this.#low & 7);
  }

  /** Reads an unsigned varint, exact up to 2^53. */
  uint64(): number {
    this.#varint();
    return this.#unsigned();
  }

  /** Reads a varint and returns its lower 32 bits. */
  uint32(): number {
    this.#varint();
    return this.#low >>> 0;
  }

  int64(): number {
    this.#varint();
    return (this.#high | 0) * 4_294_967_296 + (this.#low >>> 0);
  }

  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  /** Reads a zig-zag varint. */
  sint64(): number {
    this.#varint();
    const sign = -(this.#low & 1);
    const low = ((this.#low >>> 1) | (this.#high << 31)) ^ sign;
    const high = (this.#high >>> 1) ^ sign;
    return high * 4_294_967_296 + (low >>> 0);
  }

  /** Reads a zig-zag encoded varint and returns its lower 32 bits. */
  sint32(): number {
    this.#varint();
    return (this.#low >>> 1) ^ -(this.#low & 1);
  }

  double(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  /**
   * Reads the bits of a double. `words` is a view of a Float64Array as 32-bit words; the bits are written to element
   * `slot` of this Float64Array. The bits of a NaN are preserved.
   */
  doubleWords(words: Uint32Array, slot: number): void {
    this.#need(8);
    words[slot * 2] = this.#view.getUint32(this.at, true);
    words[slot * 2 + 1] = this.#view.getUint32(this.at + 4, true);
    this.at += 8;
  }

  /**
   * Reads the length of a field with variable length. Returns the end of the field's content, sets `start` to the
   * beginning of the content, and moves the reader to its end.
   */
  range(): number {
    const length = this.uint64();
    if (length >= 2 ** 63) throw new WireError("negative length found during unmarshaling");
    this.#need(length);
    this.start = this.at;
    this.at += length;
    return this.at;
  }

  /** Decodes the text of a field with utf8Text(). The range [start, end) comes from `range()`. */
  text(start: number, end: number): string {
    const { bytes } = this;
    for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return utf8Text(bytes.subarray(start, end));
    this.#buffer ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return this.#buffer.toString("latin1", start, end);
  }

  /** Skips the value of a field. The value of a group includes all fields of the group. */
  skip(tag: number): void {
    let depth = 0;
    let fields = 0;
    for (let type = tag & 7; ; type = this.#groupTag()) {
      if (fields++ > MAX_GROUP_FIELDS) throw new WireError("group of too many fields");
      if (type === WIRE_VARINT) this.#varint();
      else if (type === WIRE_LENGTH) this.range();
      else if (type === WIRE_FIXED64 || type === WIRE_FIXED32) {
        const size = type === WIRE_FIXED64 ? 8 : 4;
        this.#need(size);
        this.at += size;
      } else if (type === WIRE_GROUP) depth++;
      else if (type !== WIRE_GROUP_END) throw new WireError(`illegal wireType ${type}`);
      else if (depth-- === 0) throw new WireError("unexpected end of group");
      if (depth === 0) return;
    }
  }

  /** Returns the wire type of the next field in a protobuf group. */
  #groupTag(): number {
    this.#varint();
    return this.#low & 7;
  }

  #unsigned(): number {
    return (this.#high >>> 0) * 4_294_967_296 + (this.#low >>> 0);
  }

  #need(count: number): void {
    if (count > this.end - this.at) throw new WireError("unexpected EOF");
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= this.end) throw new WireError("unexpected EOF");
      const byte = this.bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= shift - 32 < 32 ? bits << (shift - 32) : 0;
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw new WireError("integer overflow");
  }
}

/** Writes the fields of protobuf messages into a buffer that grows. */
export class WireWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;
  readonly #encoder = new TextEncoder();

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** A view of the written bytes, valid until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  get length(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = 0;
  }

  /** Writes an integer in [0, 2^53] as a varint. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#at++] = rest;
  }

  tag(field: number, type: number): void {
    this.varint(field * 8 + type);
  }

  uint64(field: number, value: number): void {
    this.tag(field, WIRE_VARINT);
    this.varint(value);
  }

  /** Writes an integer field in two's complement. A negative value takes ten bytes. */
  int64(field: number, value: number): void {
    if (value >= 0) return this.uint64(field, value);
    this.tag(field, WIRE_VARINT);
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest);
  }

  sint64(field: number, value: number): void {
    this.uint64(field, zigzag(value));
  }

  double(field: number, value: number): void {
    this.tag(field, WIRE_FIXED64);
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  string(field: number, text: string): void {
    if (text.length <= SHORT_TEXT && this.#ascii(field, text)) return;
    this.bytes(field, this.#encoder.encode(text));
  }

  /**
   * Writes an ASCII text without TextEncoder, because a call of TextEncoder takes longer for a short text. Returns
   * false if the text is not ASCII.
   */
  #ascii(field: number, text: string): boolean {
    const start = this.#at;
    this.tag(field, WIRE_LENGTH);
    this.varint(text.length);
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) {
        this.#at = start;
        return false;
      }
      this.#bytes[this.#at++] = unit;
    }
    return true;
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.tag(field, WIRE_LENGTH);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /**
   * Writes a nested message as a field. The function `body` writes the fields of the nested message directly into the
   * buffer. The length is then inserted before them.
   */
  message(field: number, body: () => void): void {
    this.tag(field, WIRE_LENGTH);
    this.delimited(body);
  }

  /**
   * Writes a message with its length instead of a tag before it. The function `body` writes the fields of the message.
   */
  delimited(body: () => void): void {
    const start = this.#at;
    body();
    const length = this.#at - start;
    const width = varintSize(length);
    this.#reserve(width);
    this.#bytes.copyWithin(start + width, start, this.#at);
    this.#at = start;
    this.varint(length);
    this.#at += length;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.#at + count, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** Encodes an integer with |value| < 2^52 as zig-zag, so that small negative numbers become small positive ones. */
const zigzag = (value: number): number => (value < 0 ? -value * 2 - 1 : value * 2);

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
  return size;
}
