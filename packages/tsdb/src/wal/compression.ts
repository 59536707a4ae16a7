import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { SnappyCompressor, type SnappyReader } from "@narthex/bytes";

/** How records are compressed; a record that does not shrink is stored as it is. */
export type WalCompression = "none" | "snappy" | "zstd";

export const FLAG_SNAPPY = 0x08;
export const FLAG_ZSTD = 0x10;

/** A record larger than this is taken for damage. */
const MAX_RECORD_BYTES = 512 * 1024 * 1024;

const snappy = new SnappyCompressor();

/** The record as it goes into fragments, good until the next call; undefined when compression does not pay. */
export function compressRecord(record: Uint8Array, kind: WalCompression): Uint8Array | undefined {
  if (kind === "none" || record.length === 0) return undefined;
  const packed = kind === "snappy" ? snappy.compress(record) : zstdCompressSync(record);
  return packed.length < record.length ? packed : undefined;
}

export const compressionFlag = (kind: WalCompression): number =>
  kind === "snappy" ? FLAG_SNAPPY : kind === "zstd" ? FLAG_ZSTD : 0;

/** Undoes compressRecord by the fragment's flags; good until the reader's next block. Throws for damaged input. */
export function expandRecord(payload: Uint8Array, flags: number, reader: SnappyReader): Uint8Array {
  if (flags & FLAG_SNAPPY) return reader.expand(payload, MAX_RECORD_BYTES);
  if (flags & FLAG_ZSTD) return zstdDecompressSync(payload, { maxOutputLength: MAX_RECORD_BYTES });
  return payload;
}
