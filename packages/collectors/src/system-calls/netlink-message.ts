import { endianness } from "node:os";
import type { Steps } from "@narthex/runtime";

/** True on a little-endian host, because netlink uses the host's byte order. */
const isLittle = endianness() === "LE";

export const uint16 = (bytes: Buffer, at: number): number =>
  isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
export const uint32 = (bytes: Buffer, at: number): number =>
  isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
const int32 = (bytes: Buffer, at: number): number => (isLittle ? bytes.readInt32LE(at) : bytes.readInt32BE(at));

const TWO_TO_32 = 2 ** 32;

/** Returns the nearest double of a 64-bit unsigned integer, rounded as in Go. */
export const uint64 = (bytes: Buffer, at: number): number =>
  isLittle
    ? uint32(bytes, at + 4) * TWO_TO_32 + uint32(bytes, at)
    : uint32(bytes, at) * TWO_TO_32 + uint32(bytes, at + 4);

export const putUint16 = (bytes: Buffer, at: number, value: number): void =>
  void (isLittle ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at));
export const putUint32 = (bytes: Buffer, at: number, value: number): void =>
  void (isLittle ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at));

/** Returns the text up to the first zero byte. */
export function cText(bytes: Buffer, from = 0, to = bytes.length): string {
  const zero = bytes.indexOf(0, from);
  return bytes.toString("utf8", from, zero === -1 || zero > to ? to : zero);
}

/** Size in bytes of a message's header: length, type, flags, sequence number, port (`struct nlmsghdr`). */
const HEADER_BYTES = 16;
/** Size in bytes of an attribute's header: length and type (`struct nlattr`). */
const ATTRIBUTE_HEADER_BYTES = 4;
/** Mask that removes the two upper bits of an attribute's type, which mean "nested" and "network byte order". */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

const NLM_F_REQUEST = 1;
const NLM_F_DUMP = 0x300;
const NLM_F_DUMP_INTR = 0x10;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;

/** Rounds a length up to a multiple of four bytes, at which messages and attributes begin. */
const aligned = (length: number): number => Math.ceil(length / 4) * 4;

export interface NetlinkRequest {
  readonly type: number;
  /** Whether all objects of a kind are requested instead of one object. */
  readonly isDump: boolean;
  /** The bytes after the header, including attributes. */
  readonly body: Uint8Array;
}

/** One object in the kernel's answer. */
export interface NetlinkMessage {
  readonly type: number;
  /** Bytes after the header; a view that the next exchange overwrites. */
  readonly body: Buffer;
}

export function requestBytes({ type, isDump, body }: NetlinkRequest, sequence: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + aligned(body.length));
  putUint32(bytes, 0, HEADER_BYTES + body.length);
  putUint16(bytes, 4, type);
  putUint16(bytes, 6, isDump ? NLM_F_REQUEST + NLM_F_DUMP : NLM_F_REQUEST);
  putUint32(bytes, 8, sequence);
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

/** Parsed content of a datagram from the kernel. */
export interface NetlinkAnswer {
  readonly messages: readonly NetlinkMessage[];
  /** True at the end of a dump, or if the kernel refused the request. */
  readonly isDone: boolean;
  /** Error number with which the kernel ended the answer; 0 if there was no error. */
  readonly errno: number;
  /** True if objects changed during the dump, so that some may be repeated or missing. */
  readonly isInterrupted: boolean;
}

/**
 * Splits a datagram into its messages. Throws if a message ends outside of the datagram. Skips messages that do not
 * answer the request with this sequence number.
 */
export function parseAnswer(datagram: Buffer, sequence: number): NetlinkAnswer {
  const messages: NetlinkMessage[] = [];
  let isInterrupted = false;
  for (let at = 0; at + HEADER_BYTES <= datagram.length;) {
    const length = uint32(datagram, at);
    if (length < HEADER_BYTES || at + length > datagram.length)
      throw new Error(`netlink: a message of ${length} bytes in a datagram of ${datagram.length}`);
    const type = uint16(datagram, at + 4);
    const body = datagram.subarray(at + HEADER_BYTES, at + length);
    const isOurs = uint32(datagram, at + 8) === sequence;
    const flags = uint16(datagram, at + 6);
    at += aligned(length);
    if (!isOurs) continue;
    isInterrupted ||= (flags & NLM_F_DUMP_INTR) !== 0;
    if (type === NLMSG_ERROR || type === NLMSG_DONE)
      return { messages, isDone: true, errno: body.length >= 4 ? Math.max(0, -int32(body, 0)) : 0, isInterrupted };
    messages.push({ type, body });
  }
  return { messages, isDone: false, errno: 0, isInterrupted };
}

/** Largest number of attempts for a dump whose objects change during each attempt. */
const MAX_DUMPS = 3;

/**
 * Requests a netlink dump. If the dump was interrupted by changes, requests the dump a second time. Returns the last
 * response.
 */
export function* consistentDump(
  ask: () => Steps<Pick<NetlinkAnswer, "messages" | "isInterrupted">>,
): Steps<readonly NetlinkMessage[]> {
  for (let asked = 1; ; asked++) {
    const { messages, isInterrupted } = yield* ask();
    if (!isInterrupted || asked === MAX_DUMPS) return messages;
  }
}

/**
 * Calls `visit` with the type and the value's position of every attribute from `from` on. Stops at an invalid length.
 */
export function eachAttribute(
  bytes: Buffer,
  from: number,
  visit: (type: number, at: number, end: number) => void,
  to = bytes.length,
): void {
  for (let at = from; at + ATTRIBUTE_HEADER_BYTES <= to;) {
    const length = uint16(bytes, at);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > to)
      throw new Error(`netlink: an attribute of ${length} bytes, but only ${to - at} bytes are left`);
    visit(uint16(bytes, at + 2) % (ATTRIBUTE_TYPE_MASK + 1), at + ATTRIBUTE_HEADER_BYTES, at + length);
    at += aligned(length);
  }
}

/**
 * Attributes of one message or of one nested attribute, by type. If a type occurs several times, the last attribute
 * counts.
 */
export class AttributeTable {
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  #bytes: Buffer = Buffer.alloc(0);

  /** Creates a table for attribute types below `limit`; other types are skipped. */
  constructor(limit: number) {
    this.#from = new Int32Array(limit);
    this.#to = new Int32Array(limit);
  }

  /** Reads the attributes from `from` on and replaces the stored attributes. */
  read(bytes: Buffer, from: number, to = bytes.length): this {
    this.#bytes = bytes;
    this.#from.fill(-1);
    eachAttribute(
      bytes,
      from,
      (type, at, end) => {
        if (type >= this.#from.length) return;
        this.#from[type] = at;
        this.#to[type] = end;
      },
      to,
    );
    return this;
  }

  /**
   * Returns the position of an attribute's value; undefined if the attribute is missing or has fewer than `length`
   * bytes.
   */
  place(type: number, length = 0): number | undefined {
    const from = this.#from[type]!;
    return from === -1 || this.#to[type]! - from < length ? undefined : from;
  }

  /** Returns a view of an attribute's value; undefined if the attribute is missing. */
  bytes(type: number): Buffer | undefined {
    const from = this.place(type);
    return from === undefined ? undefined : this.#bytes.subarray(from, this.#to[type]);
  }

  uint8(type: number): number | undefined {
    const at = this.place(type, 1);
    return at === undefined ? undefined : this.#bytes[at];
  }

  uint16(type: number): number | undefined {
    const at = this.place(type, 2);
    return at === undefined ? undefined : uint16(this.#bytes, at);
  }

  uint32(type: number): number | undefined {
    const at = this.place(type, 4);
    return at === undefined ? undefined : uint32(this.#bytes, at);
  }

  uint64(type: number): number | undefined {
    const at = this.place(type, 8);
    return at === undefined ? undefined : uint64(this.#bytes, at);
  }

  text(type: number): string | undefined {
    const from = this.place(type);
    return from === undefined ? undefined : cText(this.#bytes, from, this.#to[type]);
  }
}

/** Returns an attribute as bytes, with its header. */
export function attributeBytes(type: number, value: Uint8Array): Buffer {
  const bytes = Buffer.alloc(ATTRIBUTE_HEADER_BYTES + aligned(value.length));
  putUint16(bytes, 0, ATTRIBUTE_HEADER_BYTES + value.length);
  putUint16(bytes, 2, type);
  bytes.set(value, ATTRIBUTE_HEADER_BYTES);
  return bytes;
}
