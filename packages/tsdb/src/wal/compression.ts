import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { SnappyCompressor, type SnappyReader } from "@narthex/bytes";

/** Compression of records. A record that does not become smaller is stored uncompressed. */
export type WalCompression = "none" | "snappy" | "zstd";

const FLAG_SNAPPY = 0x08;
const FLAG_ZSTD = 0x10;

/** Largest size of a record, bytes. A larger size in the log means damage. */
const MAX_RECORD_BYTES = 512 * 1024 * 1024;

const snappy = new SnappyCompressor();

/**
 * Returns the compressed record, which is valid until the next call. Returns undefined if compression does not make the
 * record smaller.
 */
export function compressRecord(record: Uint8Array, kind: WalCompression): Uint8Array | undefined {
  if (kind === "none" || record.length === 0) return undefined;
  const packed = kind === "snappy" ? snappy.compress(record) : zstdCompressSync(record);
  return packed.length < record.length ? packed : undefined;
}

export const compressionFlag = (kind: WalCompression): number =>
  kind === "snappy" ? FLAG_SNAPPY : kind === "zstd" ? FLAG_ZSTD : 0;

/**
 * Decompresses a record according to the flags of its fragment. The result is valid until the reader's next block.
 * Throws if the record is damaged.
 */
export function expandRecord(payload: Uint8Array, flags: number, reader: SnappyReader): Uint8Array {
  if (flags & FLAG_SNAPPY) return reader.expand(payload, MAX_RECORD_BYTES);
  if (flags & FLAG_ZSTD) return zstdDecompressSync(payload, { maxOutputLength: MAX_RECORD_BYTES });
  return payload;
}
