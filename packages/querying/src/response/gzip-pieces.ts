import { constants, crc32, deflateRawSync } from "node:zlib";
import { deflate } from "@narthex/bytes";

/** Header of a gzip file (RFC 1952) with method deflate, no flags, no timestamp, fastest level and unknown system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255);
/**
 * Options of zlib, which replaces the WebAssembly compressor if WebAssembly is disabled. A higher level would take two
 * to three times as long for an output that is a tenth smaller.
 */
const OPTIONS = { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_SYNC_FLUSH };
const NO_HEADER = new Uint8Array();
/** Size in bytes of the header of an uncompressed block: its type, its length, and the complement of the length. */
const STORED_HEADER = 5;
const TRAILER = 8;
/** Maximum size of an uncompressed block in bytes. */
const MAX_STORED = 0xffff;

/** Checksum and length of the text that was compressed so far. A gzip file ends with both numbers. */
export interface GzipSum {
  readonly crc: number;
  readonly length: number;
}

export const EMPTY_SUM: GzipSum = { crc: 0, length: 0 };

/**
 * Compresses the next piece of a gzip file. Returns the piece, and the checksum and length of the text so far. The
 * first piece has the header. Each piece ends at a byte boundary.
 */
export function gzipPiece(
  text: Uint8Array,
  { crc, length }: GzipSum,
): { bytes: Uint8Array<ArrayBuffer>; sum: GzipSum } {
  const header = length === 0 ? HEADER : NO_HEADER;
  const bytes = deflate(text, header.length) ?? Buffer.concat([header, deflateRawSync(text, OPTIONS)]);
  bytes.set(header);
  return { bytes, sum: { crc: crc32(text, crc), length: length + text.length } };
}

/** Returns the end of a gzip file, with a last piece of text that is stored uncompressed. */
export function gzipEnd(text: Uint8Array, { crc, length }: GzipSum): Uint8Array {
  if (text.length > MAX_STORED) {
    const { bytes, sum } = gzipPiece(text, { crc, length });
    return Buffer.concat([bytes, gzipEnd(new Uint8Array(), sum)]);
  }
  const bytes = new Uint8Array(STORED_HEADER + text.length + TRAILER);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint16(1, text.length, true);
  view.setUint16(3, ~text.length & 0xffff, true);
  bytes.set(text, STORED_HEADER);
  view.setUint32(STORED_HEADER + text.length, crc32(text, crc), true);
  view.setUint32(STORED_HEADER + text.length + 4, (length + text.length) >>> 0, true);
  return bytes;
}
