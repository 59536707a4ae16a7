import { crc32c, SnappyReader } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";

/** Error for a body that is not valid in Snappy's framing format. */
export class SnappyError extends Error {
  override readonly name = "SnappyError";
}

const CHUNK_COMPRESSED = 0x00;
const CHUNK_PLAIN = 0x01;
const CHUNK_STREAM = 0xff;
/**
 * Smallest chunk type in Snappy's framing format that a reader may skip if it is unknown. Smaller unknown types are
 * errors.
 */
const FIRST_SKIPPABLE = 0x80;
const STREAM_MARK = "sNaPpY";
/** Maximum number of decompressed bytes in one chunk. */
const MAX_CHUNK_BYTES = 65_536;

/** Maximum number of compressed bytes in one chunk that the Go library accepts. */
const MAX_PACKED_BYTES = 76_490 + 4;

/** Number of chunks that are decompressed before the task yields to other work. */
const CHUNKS_PER_TURN = 32;

const corrupt = (): SnappyError => new SnappyError("snappy: corrupt input");

/**
 * Decompresses Snappy's framing format (`Content-Encoding: snappy`). Returns undefined if the content exceeds
 * `maxBytes`. Throws SnappyError with the Go library's message.
 */
export function* unpackSnappy(bytes: Uint8Array, maxBytes: number): Steps<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let unpacked = 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new SnappyReader();
  let hasMark = false;
  for (let at = 0; at < bytes.length;) {
    if (at + 4 > bytes.length) throw corrupt();
    const type = bytes[at]!;
    const length = bytes[at + 1]! | (bytes[at + 2]! << 8) | (bytes[at + 3]! << 16);
    const start = at + 4;
    at = start + length;
    if (!hasMark && type !== CHUNK_STREAM) throw corrupt();
    if (length > MAX_PACKED_BYTES) throw new SnappyError("snappy: unsupported input");
    if (type === CHUNK_STREAM) {
      hasMark = isMark(bytes, start, length);
      if (!hasMark) throw corrupt();
    } else if (type === CHUNK_COMPRESSED || type === CHUNK_PLAIN) {
      if (length < 4 || at > bytes.length) throw corrupt();
      const body = bytes.subarray(start + 4, at);
      const part = checked(type === CHUNK_PLAIN ? body : inflate(reader, body), view.getUint32(start, true));
      unpacked += part.length;
      if (unpacked > maxBytes) return undefined;
      if (parts.push(part) % CHUNKS_PER_TURN === 0) yield;
    } else if (type < FIRST_SKIPPABLE) throw new SnappyError("snappy: unsupported input");
    else if (at > bytes.length) throw corrupt();
  }
  return Buffer.concat(parts);
}

function isMark(bytes: Uint8Array, start: number, length: number): boolean {
  return Buffer.from(bytes.subarray(start, start + length)).toString("latin1") === STREAM_MARK;
}

function inflate(reader: SnappyReader, body: Uint8Array): Uint8Array {
  try {
    return reader.expand(body, MAX_CHUNK_BYTES).slice();
  } catch (cause) {
    throw new SnappyError("snappy: corrupt input", { cause });
  }
}

/**
 * Returns the content if its checksum is correct. Snappy stores a masked checksum, because the content may itself
 * contain checksums.
 */
function checked(content: Uint8Array, stored: number): Uint8Array {
  const crc = crc32c(content) >>> 0;
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  if (masked !== stored) throw new SnappyError("snappy: corrupt input");
  return content;
}
