/** A D-Bus value together with its type, as in properties. */
export interface Variant {
  readonly signature: string;
  readonly value: DBusValue;
}

/** A D-Bus value. 64-bit integers are bigints; structs and dictionary entries are arrays of their members. */
export type DBusValue = string | number | bigint | boolean | Variant | readonly DBusValue[];

/** A method call with string arguments only, the only kind that the collectors need. */
export interface DBusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly args?: readonly string[];
}

/** A received D-Bus message. Missing fields are empty or 0. */
export interface DBusMessage {
  readonly type: number;
  /** Serial number of the call that this message answers. */
  readonly replyTo: number;
  readonly errorName: string;
  readonly body: readonly DBusValue[];
}

const METHOD_CALL = 1;
export const METHOD_RETURN = 2;
export const ERROR_REPLY = 3;

/** Length of the fixed part of the header. */
export const FIXED_HEADER_BYTES = 16;
/** Maximum message size in bytes by the D-Bus specification. */
const MAX_MESSAGE_BYTES = 2 ** 27;
/** Maximum nesting of containers by the D-Bus specification. */
const MAX_DEPTH = 64;
const LITTLE_ENDIAN = 0x6c;
const BIG_ENDIAN = 0x42;

const FIELD = { path: 1, interface: 2, member: 3, errorName: 4, replySerial: 5, destination: 6, signature: 8 };

/** Error that received bytes are not a D-Bus message. The connection cannot be used any more. */
export class DBusProtocolError extends Error {
  override readonly name = "DBusProtocolError";
}

/** Returns the first multiple of `to` that is at least `at`. `to` is a power of two. */
function aligned(at: number, to: number): number {
  return (at + to - 1) & -to;
}

const ALIGNMENT: Readonly<Record<string, number>> = { y: 1, g: 1, v: 1, n: 2, q: 2, x: 8, t: 8, d: 8, "(": 8, "{": 8 };
function alignmentOf(type: string): number {
  return ALIGNMENT[type] ?? 4;
}

/** Writes messages into one buffer, in the order of the calls. `take` returns the bytes. */
export class DBusWriter {
  #bytes = Buffer.alloc(4096);
  #at = 0;
  /** Offset of the current message. Alignment is relative to this offset. */
  #start = 0;

  get isEmpty(): boolean {
    return this.#at === 0;
  }

  call(serial: number, { destination, path, interface: face, member, args = [] }: DBusCall): void {
    this.#start = this.#at;
    this.#room(FIXED_HEADER_BYTES);
    this.#bytes.set([LITTLE_ENDIAN, METHOD_CALL, 0, 1], this.#at);
    this.#bytes.writeUInt32LE(serial, this.#at + 8);
    this.#at += FIXED_HEADER_BYTES;
    const fields = this.#at;
    this.#field(FIELD.path, "o", path);
    this.#field(FIELD.interface, "s", face);
    this.#field(FIELD.member, "s", member);
    this.#field(FIELD.destination, "s", destination);
    if (args.length > 0) this.#field(FIELD.signature, "g", "s".repeat(args.length));
    this.#bytes.writeUInt32LE(this.#at - fields, this.#start + 12);
    this.#pad(8);
    const body = this.#at;
    for (const text of args) this.#text(text);
    this.#bytes.writeUInt32LE(this.#at - body, this.#start + 4);
  }

  /** Returns the bytes that were written since the last call. */
  take(): Uint8Array {
    const written = Buffer.from(this.#bytes.subarray(0, this.#at));
    this.#at = 0;
    return written;
  }

  #field(code: number, type: string, value: string): void {
    this.#pad(8);
    this.#room(4);
    this.#bytes.set([code, 1, type.charCodeAt(0), 0], this.#at);
    this.#at += 4;
    if (type !== "g") {
      this.#text(value);
      return;
    }
    this.#room(value.length + 2);
    this.#bytes[this.#at++] = value.length;
    this.#at += this.#bytes.write(value, this.#at, "latin1");
    this.#bytes[this.#at++] = 0;
  }

  #text(value: string): void {
    this.#pad(4);
    this.#room(value.length * 3 + 5);
    const length = this.#bytes.write(value, this.#at + 4, "utf8");
    this.#bytes.writeUInt32LE(length, this.#at);
    this.#at += 4 + length;
    this.#bytes[this.#at++] = 0;
  }

  #pad(to: number): void {
    this.#room(to);
    const end = this.#start + aligned(this.#at - this.#start, to);
    this.#bytes.fill(0, this.#at, end);
    this.#at = end;
  }

  #room(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#at + count));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}

/**
 * Returns the length in bytes of the message that begins at `at`. Throws DBusProtocolError if no message begins there.
 */
export function messageLength(bytes: Buffer, at: number): number {
  const isLittle = bytes[at] === LITTLE_ENDIAN;
  if (!isLittle && bytes[at] !== BIG_ENDIAN)
    throw new DBusProtocolError("the first byte of a message is not a byte order (l or B)");
  const read = (offset: number): number =>
    isLittle ? bytes.readUInt32LE(at + offset) : bytes.readUInt32BE(at + offset);
  const length = FIXED_HEADER_BYTES + aligned(read(12), 8) + read(4);
  if (length > MAX_MESSAGE_BYTES)
    throw new DBusProtocolError(`a message of ${length} bytes is larger than the limit of ${MAX_MESSAGE_BYTES}`);
  return length;
}

/** Reads one whole message. Throws DBusProtocolError if its content does not fit its length. */
export function readMessage(bytes: Buffer): DBusMessage {
  try {
    return readWithin(bytes);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new DBusProtocolError("a value extends beyond the end of its message", { cause });
  }
}

function readWithin(bytes: Buffer): DBusMessage {
  const reader = new ValueReader(bytes);
  const message = { type: bytes[1]!, replyTo: 0, errorName: "", signature: "" };
  const end = FIXED_HEADER_BYTES + reader.length(FIXED_HEADER_BYTES - 4);
  reader.at = FIXED_HEADER_BYTES;
  while (reader.at < end) {
    const code = bytes[(reader.at = aligned(reader.at, 8))];
    const { value } = reader.variant(reader.at + 1);
    if (code === FIELD.replySerial && typeof value === "number") message.replyTo = value;
    if (typeof value !== "string") continue;
    if (code === FIELD.errorName) message.errorName = value;
    if (code === FIELD.signature) message.signature = value;
  }
  return { ...message, body: reader.read(message.signature, aligned(end, 8)) };
}

const LETTERS: readonly string[] = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** Reads values by their signature, in either byte order. */
class ValueReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #isLittle: boolean;
  at = 0;
  #signature = "";
  /** Position of the next type in the signature. */
  #place = 0;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#isLittle = bytes[0] === LITTLE_ENDIAN;
  }

  /** Returns the length in bytes that is stored at an offset. */
  length(at: number): number {
    return this.#view.getUint32(at, this.#isLittle);
  }

  /** Returns all values of the signature from the bytes at offset `at` on. */
  read(signature: string, at: number): readonly DBusValue[] {
    this.at = at;
    this.#signature = signature;
    this.#place = 0;
    const values: DBusValue[] = [];
    while (this.#place < signature.length) values.push(this.#value());
    return values;
  }

  /** Returns the signature and the value at an offset. */
  variant(at: number): Variant {
    this.at = at;
    return this.#variant();
  }

  #value(): DBusValue {
    const type = this.#signature[this.#place++] ?? "";
    this.at = aligned(this.at, alignmentOf(type));
    switch (type) {
      case "s":
      case "o":
        return this.#text(this.#number("getUint32", 4));
      case "u":
      case "h":
        return this.#number("getUint32", 4);
      case "b":
        return this.#number("getUint32", 4) !== 0;
      case "t":
        return this.#long("getBigUint64");
      case "x":
        return this.#long("getBigInt64");
      case "y":
        return this.#number("getUint8", 1);
      case "i":
        return this.#number("getInt32", 4);
      case "q":
        return this.#number("getUint16", 2);
      case "n":
        return this.#number("getInt16", 2);
      case "d":
        return this.#number("getFloat64", 8);
      case "g":
        return this.#typeName();
      default:
        return this.#container(type);
    }
  }

  #container(type: string): DBusValue {
    if (++this.#depth > MAX_DEPTH) throw new DBusProtocolError(`values are nested more than ${MAX_DEPTH} levels deep`);
    const value =
      type === "a" ? this.#array() : type === "v" ? this.#variant() : this.#members(type === "(" ? ")" : "}", type);
    this.#depth--;
    return value;
  }

  #array(): readonly DBusValue[] {
    const length = this.#number("getUint32", 4);
    const element = this.#place;
    this.at = aligned(this.at, alignmentOf(this.#signature[element] ?? ""));
    const end = this.at + length;
    if (end > this.#bytes.length) throw new RangeError("array");
    const values: DBusValue[] = [];
    while (this.at < end) {
      this.#place = element;
      const before = this.at;
      values.push(this.#value());
      if (this.at === before) throw new DBusProtocolError("an array has elements without any bytes");
    }
    this.#place = this.#endOfType(element);
    return values;
  }

  #members(close: string, open: string): readonly DBusValue[] {
    if (open !== "(" && open !== "{") throw new DBusProtocolError(`unknown type "${open}"`);
    const values: DBusValue[] = [];
    while (this.#signature[this.#place] !== close) {
      if (this.#place >= this.#signature.length)
        throw new DBusProtocolError(`a struct in the signature "${this.#signature}" has no end`);
      values.push(this.#value());
    }
    this.#place++;
    return values;
  }

  #variant(): Variant {
    const outer = { signature: this.#signature, place: this.#place };
    const signature = this.#typeName();
    this.#signature = signature;
    this.#place = 0;
    const value = this.#value();
    this.#signature = outer.signature;
    this.#place = outer.place;
    return { signature, value };
  }

  /** Returns the position after the complete type that begins at `place` in the signature. */
  #endOfType(place: number): number {
    let depth = 0;
    for (let i = place; i < this.#signature.length; i++) {
      const type = this.#signature[i]!;
      if (type === "(" || type === "{") depth++;
      else if (type === ")" || type === "}") depth--;
      if (depth === 0 && type !== "a") return i + 1;
    }
    throw new DBusProtocolError(`the signature "${this.#signature}" ends where a type is expected`);
  }

  #number(read: "getUint8" | "getUint16" | "getInt16" | "getUint32" | "getInt32" | "getFloat64", size: number): number {
    const value = this.#view[read](this.at, this.#isLittle);
    this.at += size;
    return value;
  }

  #long(read: "getBigUint64" | "getBigInt64"): bigint {
    const value = this.#view[read](this.at, this.#isLittle);
    this.at += 8;
    return value;
  }

  #typeName(): string {
    const length = this.#number("getUint8", 1);
    if (length !== 1) return this.#text(length);
    // Reads the signature from a table, because most signatures have one letter and the table avoids creating a string.
    const letter = LETTERS[this.#bytes[this.at] ?? 0] ?? "";
    this.at += 2;
    return letter;
  }

  /** Returns a text of `length` bytes, and skips the zero byte after it. */
  #text(length: number): string {
    const end = this.at + length;
    if (end + 1 > this.#bytes.length) throw new RangeError("text");
    const text = this.#bytes.toString("utf8", this.at, end);
    this.at = end + 1;
    return text;
  }
}
