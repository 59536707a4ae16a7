import { crc32 } from "node:zlib";

/** The code that V8 compiled from a source, and the source's checksum. */
export interface CachedCode {
  /** Checksum of the source, which is needed because V8 compares only the source's length. */
  readonly source: number;
  readonly code: Uint8Array;
}

/*
 * Layout of a file with compiled code: a checksum of all that follows (4 bytes), the length of the table (4 bytes), the
 * table as JSON, and the code of one chunk after the other. Code begins at whole words, because V8 reads it only at
 * such addresses. V8 does not detect damaged code, for example after a power failure, so the checksum must detect it.
 */
const HEADER = 8;
const WORD = 8;

type Row = readonly [chunk: string, source: number, at: number, length: number];

const upToWord = (length: number): number => Math.ceil(length / WORD) * WORD;

export function encodeCodeCache(chunks: ReadonlyMap<string, CachedCode>): Uint8Array {
  let size = 0;
  const rows = [...chunks].map(([chunk, { source, code }]): Row => {
    const at = size;
    size += upToWord(code.length);
    return [chunk, source, at, code.length];
  });
  const table = Buffer.from(JSON.stringify(rows), "utf8");
  const start = upToWord(HEADER + table.length);
  const file = Buffer.alloc(start + size);
  file.writeUInt32LE(table.length, 4);
  table.copy(file, HEADER);
  for (const [chunk, , at] of rows) file.set(chunks.get(chunk)!.code, start + at);
  file.writeUInt32LE(crc32(file.subarray(4)), 0);
  return file;
}

/** Decodes the compiled code of each chunk as views of the file. Returns an empty map if the file is damaged. */
export function decodeCodeCache(file: Buffer): Map<string, CachedCode> {
  if (file.length < HEADER || file.readUInt32LE(0) !== crc32(file.subarray(4))) return new Map();
  const tableEnd = HEADER + file.readUInt32LE(4);
  const rows = JSON.parse(file.toString("utf8", HEADER, tableEnd)) as Row[];
  const start = upToWord(tableEnd);
  return new Map(
    rows.map(([chunk, source, at, length]) => [
      chunk,
      { source, code: file.subarray(start + at, start + at + length) },
    ]),
  );
}
