import { join } from "node:path";
import { Crc32cWindow } from "@narthex/bytes";
import type { ChunkRun } from "@narthex/storage";
import type { Files } from "../files.ts";
import type { ChunkBytes, ChunkReader } from "./block.ts";
import { CHUNK_MAGIC, CHUNK_VERSION, CHUNKS_FOLDER, SEGMENT_HEADER_BYTES, chunkSegmentName } from "./chunk-segments.ts";
import { BlockError } from "./block-error.ts";
import { type PageCache, PagedFile } from "./page-cache.ts";
import type { ChunkRef } from "./series-entry.ts";

/**
 * Number of bytes that one read of a chunk file fetches. Chunks of neighbouring series are usually next to each other.
 */
const READ_AHEAD_BYTES = 1 << 17;
/** Size of the header before a chunk's data: the length takes up to five bytes, the encoding one. */
const MAX_CHUNK_HEADER_BYTES = 6;
const CHECKSUM_BYTES = 4;

/** The open chunk segments (files with chunks) of a block. */
export class OpenChunkSegments {
  readonly #dir: string;
  readonly #segments: PagedFile[];

  /** Opens the segments. Throws BlockError if a segment is missing or has another format. */
  constructor(blockDir: string, files: Files, cache: PageCache) {
    this.#dir = join(blockDir, CHUNKS_FOLDER);
    this.#segments = openSegments(this.#dir, files, cache, CHUNK_MAGIC, CHUNK_VERSION);
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0);
  }

  reader(): ChunkReader {
    return new ReadAhead(this.#dir, this.#segments);
  }

  close(): void {
    for (const segment of this.#segments.splice(0)) segment.close();
  }
}

/** Opens the segments of a folder. Throws BlockError if a segment is missing or has another format. */
export function openSegments(dir: string, files: Files, cache: PageCache, magic: number, version: number): PagedFile[] {
  const segments: PagedFile[] = [];
  try {
    const names = files.list(dir).filter((name) => /^\d{6,}$/.test(name));
    names.sort((a, b) => Number(a) - Number(b));
    for (const [i, name] of names.entries()) {
      if (name !== chunkSegmentName(i))
        throw new BlockError(join(dir, chunkSegmentName(i)), 0, "the segment is missing");
      segments.push(openSegment(join(dir, name), files, cache, magic, version));
    }
    return segments;
  } catch (cause) {
    for (const segment of segments) segment.close();
    throw cause;
  }
}

function openSegment(path: string, files: Files, cache: PageCache, magic: number, version: number): PagedFile {
  const file = new PagedFile(path, files, cache);
  try {
    const header = Buffer.allocUnsafeSlow(SEGMENT_HEADER_BYTES);
    file.readInto(header, 0);
    const found = header.readUInt32BE(0);
    if (found !== magic) file.fail(0, `invalid magic number ${found.toString(16)}`);
    if (header[4] !== version) file.fail(4, `invalid chunk format version ${header[4]}`);
    return file;
  } catch (cause) {
    file.close();
    throw cause;
  }
}

class ReadAhead implements ChunkReader {
  readonly #dir: string;
  readonly #segments: readonly PagedFile[];
  /** Buffer with the bytes #start to #end (exclusive) of the current segment. */
  #window = new Uint8Array(0);
  readonly #sums = new Crc32cWindow();
  readonly #first: ChunkBytes = { bytes: this.#window, start: 0, end: 0, encoding: 0, checksum: 0 };
  /** End of the data of the chunk that #chunkAt() found last. */
  #chunkEnd = 0;
  #segment = -1;
  #start = 0;
  #end = 0;

  constructor(dir: string, segments: readonly PagedFile[]) {
    this.#dir = dir;
    this.#segments = segments;
  }

  read(ref: ChunkRef, into: ChunkBytes): void {
    try {
      this.#read(ref, into);
    } catch (cause) {
      // Drops the buffered bytes, so that the next read loads them from the disk again: a disk can transfer wrong bytes
      // once.
      this.#segment = -1;
      throw cause;
    }
  }

  #read(ref: ChunkRef, into: ChunkBytes): void {
    const offset = ref >>> 0;
    const segment = (ref - offset) / 2 ** 32;
    const file = this.#segments[segment];
    if (file === undefined) throw new BlockError(join(this.#dir, chunkSegmentName(segment)), offset, "no such segment");
    if (offset < SEGMENT_HEADER_BYTES || offset + MAX_CHUNK_HEADER_BYTES > file.size) {
      file.fail(offset, `no chunk can be here: the file has ${file.size} bytes`);
    }
    this.#load(segment, file, offset, MAX_CHUNK_HEADER_BYTES);
    let at = offset - this.#start;
    let length = 0;
    for (let shift = 0, byte = 128; byte >= 128; shift += 7) {
      if (shift > 28) file.fail(offset, "a chunk's length takes more than five bytes");
      byte = this.#window[at++]!;
      length += (byte & 127) * 2 ** shift;
    }
    const start = at + this.#start;
    const needed = 1 + length + CHECKSUM_BYTES;
    if (start + needed > file.size) file.fail(offset, `a chunk of ${length} bytes does not fit into the file`);
    this.#load(segment, file, start, needed);
    at = start - this.#start;
    const end = at + 1 + length;
    const stored = read32(this.#window, end);
    const found = this.#sums.sum(at, end);
    if (stored !== found) file.failChecksum(offset, stored, found);
    into.bytes = this.#window;
    into.start = at + 1;
    into.end = end;
    into.encoding = this.#window[at]!;
    into.checksum = stored;
  }

  readRun(refs: ArrayLike<ChunkRef>, from: number, to: number, into: ChunkRun): number {
    const first = this.#first;
    this.read(refs[from]!, first);
    const window = this.#window;
    into.bytes = window;
    into.count = 0;
    let { start, end, encoding, checksum } = first;
    const most = Math.min(to, from + into.start.length);
    /**
     * Difference between a chunk's reference and the chunk's position in the window, which is the buffered part of the
     * segment.
     */
    const base = refs[from]! - (refs[from]! >>> 0) + this.#start;
    for (let next = from + 1; ; next++) {
      const slot = into.count++;
      into.start[slot] = start;
      into.end[slot] = end;
      into.encoding[slot] = encoding;
      into.checksum[slot] = checksum!;
      const at = end + CHECKSUM_BYTES;
      if (next === most || refs[next] !== base + at) return next;
      start = this.#chunkAt(at);
      if (start < 0) return next;
      end = this.#chunkEnd;
      encoding = window[start - 1]!;
      checksum = read32(window, end);
      // A chunk with a wrong checksum ends the run. When the caller then reads this chunk with read(), read() reports
      // the error.
      if (checksum !== this.#sums.sum(start - 1, end)) return next;
    }
  }

  /**
   * Returns the position of a chunk's data in the window. Returns -1 unless the whole chunk is in the window and its
   * length takes at most two bytes.
   */
  #chunkAt(at: number): number {
    const window = this.#window;
    const held = this.#end - this.#start;
    if (at + MAX_CHUNK_HEADER_BYTES > held) return -1;
    const [low, high] = [window[at]!, window[at + 1]!];
    const isShort = low < 128;
    if (!isShort && high >= 128) return -1;
    const start = at + (isShort ? 2 : 3);
    this.#chunkEnd = start + (isShort ? low : (low & 127) + high * 128);
    return this.#chunkEnd + CHECKSUM_BYTES > held ? -1 : start;
  }

  /** Loads at least bytes [offset, offset + length) of a segment into the window. */
  #load(segment: number, file: PagedFile, offset: number, length: number): void {
    if (segment === this.#segment && offset >= this.#start && offset + length <= this.#end) return;
    const size = Math.min(Math.max(length, READ_AHEAD_BYTES), file.size - offset);
    if (size > this.#window.length) this.#window = room(Math.max(size, READ_AHEAD_BYTES));
    this.#segment = -1;
    file.readInto(this.#window.subarray(0, size), offset);
    this.#sums.load(this.#window, size);
    this.#segment = segment;
    this.#start = offset;
    this.#end = offset + size;
  }
}

/**
 * Allocates memory that is not cleared and not part of Node's buffer pool. Views of it are created several times as
 * fast as views of a Buffer.
 */
const room = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.allocUnsafeSlow(size).buffer, 0, size);

const read32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
