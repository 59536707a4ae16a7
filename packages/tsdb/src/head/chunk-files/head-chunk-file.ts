import { join } from "node:path";
import { crc32c, uvarintSize } from "@narthex/bytes";
import { type Files, readFullyLater } from "../../files.ts";

export const CHUNKS_HEAD_FOLDER = "chunks_head";

/** First bytes of a chunk file: magic number, version and three zero bytes. */
export const HEADER = Uint8Array.of(0x01, 0x30, 0xbc, 0x91, 1, 0, 0, 0);
/** Largest size of a head chunk file, bytes. */
export const MAX_FILE_BYTES = 128 * 1024 * 1024;
/** Number of bytes at the start of a chunk file's entry: reference, first time, last time and encoding. */
const ENTRY_HEADER_BYTES = 25;
export const CHECKSUM_BYTES = 4;
/** Flag in the encoding's byte that marks a chunk of out-of-order samples. */
export const OUT_OF_ORDER_BIT = 0x80;
/** Smallest size of an entry, bytes. If fewer bytes remain at the end of a file, they must be zeros. */
const MIN_ENTRY_BYTES = ENTRY_HEADER_BYTES + 5 + CHECKSUM_BYTES;
const READ_BYTES = 1024 * 1024;

export interface HeadChunkFile {
  readonly index: number;
  readonly path: string;
  readonly size: number;
}

/** Returns the number of bytes in an entry before a chunk of `size` bytes. */
export const entryBytesBefore = (size: number): number => ENTRY_HEADER_BYTES + uvarintSize(size);

export const headChunkFileName = (index: number): string => String(index).padStart(6, "0");

/** Lists the chunk files of a folder, sorted by number. The list is empty if the folder does not exist. */
export function listHeadChunkFiles(dir: string, files: Files): HeadChunkFile[] {
  let names: string[];
  try {
    names = files.list(dir);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
  return names
    .filter((name) => /^\d{6,}$/.test(name))
    .map((name) => ({ index: Number(name), path: join(dir, name), size: files.stat(join(dir, name)).size }))
    .sort((a, b) => a.index - b.index);
}

/** Entry of a chunk file: a chunk and its series reference. The reader reuses one object for all entries. */
export interface ChunkEntry {
  file: number;
  /** Position of the entry. The chunk's reference consists of the file's number and this position. */
  entryOffset: number;
  /** Position of the chunk's bytes in the file. */
  offset: number;
  size: number;
  ref: number;
  minTime: number;
  maxTime: number;
  encoding: number;
  outOfOrder: boolean;
}

/** Error that a chunk file cannot be read, or that its content violates the format. */
export class HeadChunkDamage extends Error {
  override readonly name = "HeadChunkDamage";
  /** Number of the damaged file, if one of its chunks was being read. */
  readonly file: number | undefined;
  /** Code of the system's error, if there was one. */
  readonly code: string | undefined;

  constructor(message: string, file?: number, code?: string) {
    super(message);
    this.file = file;
    this.code = code;
  }
}

/** Error codes which mean that the disk does not return the bytes that were written. */
const DAMAGE_CODES: ReadonlySet<string | undefined> = new Set(["EIO", "EUCLEAN", "EBADMSG"]);

/** Converts an error to HeadChunkDamage. Returns undefined if the file may be intact. */
export function damageOf(cause: unknown, file?: number): HeadChunkDamage | undefined {
  if (cause instanceof HeadChunkDamage) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const isRemoved = file !== undefined && code === "ENOENT";
  return isRemoved || DAMAGE_CODES.has(code) ? new HeadChunkDamage(message, file, code) : undefined;
}

/** Returns the error for a damaged chunk file that is found while the database runs, after the start. */
export function damagedWhileRunning(at: number, path: string, file: number): HeadChunkDamage {
  const remedy =
    "restart the server: the start sets this file and later ones aside, and reads from the log what it has";
  return new HeadChunkDamage(`checksum mismatch at ${at} of ${path}; ${remedy}`, file);
}

/**
 * Reads the entries of a chunk file in steps of a megabyte, and checks every checksum. Resolves with the end of the
 * last entry; only zeros may follow it. Throws HeadChunkDamage, the system's error or the visitor's error.
 */
export async function scanHeadChunkFile(
  { index, path, size }: HeadChunkFile,
  files: Files,
  visit: (entry: ChunkEntry) => void,
): Promise<number> {
  const entry: ChunkEntry = {
    file: index,
    entryOffset: 0,
    offset: 0,
    size: 0,
    ref: 0,
    minTime: 0,
    maxTime: 0,
    encoding: 0,
    outOfOrder: false,
  };
  const file = files.open(path, "r");
  try {
    let buffer = new Uint8Array(Math.min(READ_BYTES, size + ENTRY_HEADER_BYTES));
    let base = 0;
    let filled = await readFullyLater(files, file, buffer, 0);
    const isHeader = () => HEADER.every((byte, i) => buffer[i] === byte);
    if (!isHeader()) filled = await readFullyLater(files, file, buffer, 0);
    if (!isHeader()) throw new HeadChunkDamage("the file has no valid header");
    let at = HEADER.length;
    // Position whose bytes were read from the disk a second time. A second error at the same position means damage; a
    // first error may be a failed transfer.
    let lookedAgainAt = -1;
    const lookAgain = async (): Promise<boolean> => {
      if (lookedAgainAt === base + at) return false;
      lookedAgainAt = base + at;
      filled = await readFullyLater(files, file, buffer, base);
      return true;
    };
    for (let ended = filled < buffer.length; ;) {
      let next: number;
      try {
        next = readEntry(buffer, at, filled, base, entry);
      } catch (cause) {
        if (await lookAgain()) continue;
        throw cause;
      }
      if (next > 0) {
        visit(entry);
        at = next;
      } else if (next === END_OF_CHUNKS || (ended && at === filled)) return base + at;
      else if (ended) {
        if (filled - at < MIN_ENTRY_BYTES && buffer.subarray(at, filled).every((byte) => byte === 0)) return base + at;
        if (await lookAgain()) continue;
        throw new HeadChunkDamage(`the file ends within the chunk at ${base + at}`);
      } else {
        if (at === 0) buffer = grown(buffer);
        else buffer.copyWithin(0, at, filled);
        base += at;
        const kept = filled - at;
        filled = kept + (await readFullyLater(files, file, buffer.subarray(kept), base + kept));
        ended = filled < buffer.length;
        at = 0;
      }
    }
  } finally {
    files.close(file);
  }
}

const END_OF_CHUNKS = -1;
const MORE_BYTES = 0;

/** Reads an entry of a chunk file. Returns its end, MORE_BYTES or END_OF_CHUNKS. */
function readEntry(bytes: Uint8Array, at: number, end: number, base: number, into: ChunkEntry): number {
  if (end - at < MIN_ENTRY_BYTES) return MORE_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, ENTRY_HEADER_BYTES);
  into.ref = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  into.minTime = view.getInt32(8) * 2 ** 32 + view.getUint32(12);
  into.maxTime = view.getInt32(16) * 2 ** 32 + view.getUint32(20);
  if (into.ref === 0 && into.minTime === 0 && into.maxTime === 0) return END_OF_CHUNKS;
  const encoding = view.getUint8(24);
  let size = 0;
  let offset = at + ENTRY_HEADER_BYTES;
  for (let scale = 1, byte = 128; byte >= 128; scale *= 128) {
    byte = bytes[offset++]!;
    size += (byte & 127) * scale;
    if (offset - at - ENTRY_HEADER_BYTES > 5) throw new HeadChunkDamage(`invalid chunk length at ${base + at}`);
  }
  if (size > MAX_FILE_BYTES) throw new HeadChunkDamage(`invalid chunk length at ${base + at}`);
  const checksumAt = offset + size;
  if (checksumAt + CHECKSUM_BYTES > end) return MORE_BYTES;
  const expected = new DataView(bytes.buffer, bytes.byteOffset + checksumAt, CHECKSUM_BYTES).getUint32(0);
  if (crc32c(bytes, at, checksumAt) !== expected) throw new HeadChunkDamage(`checksum mismatch at ${base + at}`);
  into.entryOffset = base + at;
  into.offset = base + offset;
  into.size = size;
  into.encoding = encoding & ~OUT_OF_ORDER_BIT;
  into.outOfOrder = (encoding & OUT_OF_ORDER_BIT) !== 0;
  return checksumAt + CHECKSUM_BYTES;
}

function grown(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
