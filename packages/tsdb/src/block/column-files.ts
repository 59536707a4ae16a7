import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { crc32c } from "@narthex/bytes";
import type { Files } from "../files.ts";
import { ENCODING_COLUMNS, Frame } from "../columnar/frame.ts";
import type { ChunkBytes, ChunkReader } from "./block.ts";
import { BlockError } from "./block-error.ts";
import { openSegments } from "./open-chunk-segments.ts";
import {
  chunkOfRef,
  COLUMNS_FOLDER,
  COLUMNS_MAGIC,
  COLUMNS_VERSION,
  FRAME_CHECKSUM_BYTES,
  FRAME_HEADER_BYTES,
  frameOfRef,
  MAX_FRAME_BYTES,
} from "./column-segments.ts";
import { SEGMENT_HEADER_BYTES, chunkSegmentName } from "./chunk-segments.ts";
import type { CachedFrames, FrameCache } from "./frame-cache.ts";
import type { PageCache, PagedFile } from "./page-cache.ts";
import type { ChunkRef } from "./series-entry.ts";

/** The open segments (files with frames of columns) of a columnar block. */
export class ColumnFiles implements ChunkReader {
  readonly #dir: string;
  readonly #segments: readonly PagedFile[];
  readonly #cache: FrameCache;
  readonly #frames: CachedFrames = new Map();

  /** Opens the segments. Throws BlockError if a segment is missing or has another format. */
  constructor(blockDir: string, files: Files, cache: PageCache) {
    this.#dir = join(blockDir, COLUMNS_FOLDER);
    this.#cache = cache.frames;
    this.#segments = openSegments(this.#dir, files, cache, COLUMNS_MAGIC, COLUMNS_VERSION);
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, { size }) => sum + size, 0);
  }

  reader(): ChunkReader {
    return this;
  }

  close(): void {
    this.#cache.release(this.#frames);
    for (const segment of this.#segments) segment.close();
  }

  read(ref: ChunkRef, into: ChunkBytes): void {
    const { segment, offset } = frameOfRef(ref);
    const frame = this.#frame(segment, offset, ref);
    const chunk = chunkOfRef(ref);
    if (chunk >= frame.chunkCount) {
      this.#segments[segment]!.fail(offset, `a frame of ${frame.chunkCount} chunks has no chunk ${chunk}`);
    }
    const encoding = frame.encodingOf(chunk);
    into.bytes = frame.bytes;
    // A chunk in one of Prometheus' encodings begins with one byte for the encoding, which is skipped. A column chunk
    // has no such byte.
    into.start = frame.startOf(chunk) + (encoding === ENCODING_COLUMNS ? 0 : 1);
    into.end = frame.endOf(chunk);
    into.encoding = encoding;
    into.frame = frame;
    into.place = chunk;
    if (into.start > into.end || into.end > frame.bytes.length) {
      this.#segments[segment]!.fail(offset, `chunk ${chunk} is outside of its frame`);
    }
  }

  /** Returns `from`, because it reads no chunk. A columnar block has no encoded chunks that could be read as a run. */
  readRun(_refs: ArrayLike<ChunkRef>, from: number): number {
    return from;
  }

  #frame(segment: number, offset: number, ref: ChunkRef): Frame {
    const place = ref - chunkOfRef(ref);
    const known = this.#cache.get(this.#frames, place);
    if (known !== undefined) return known;
    const frame = this.#read(segment, offset);
    this.#cache.add(this.#frames, place, frame);
    return frame;
  }

  #read(segment: number, offset: number): Frame {
    const file = this.#segments[segment];
    if (file === undefined) throw new BlockError(join(this.#dir, chunkSegmentName(segment)), offset, "no such segment");
    if (offset < SEGMENT_HEADER_BYTES) file.fail(offset, "a frame cannot begin in the header of the file");
    const head = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
    file.readInto(head, offset);
    const [packed, unpacked] = [head.readUInt32BE(0), head.readUInt32BE(4)];
    const size = FRAME_HEADER_BYTES + packed + FRAME_CHECKSUM_BYTES;
    if (offset + size > file.size) file.fail(offset, `a frame of ${packed} bytes does not fit into the file`);
    const record = Buffer.allocUnsafeSlow(size);
    file.readInto(record, offset);
    const end = FRAME_HEADER_BYTES + packed;
    const [stored, found] = [record.readUInt32BE(end), crc32c(record, 0, end)];
    if (stored !== found) file.failChecksum(offset, stored, found);
    if (unpacked > MAX_FRAME_BYTES) file.fail(offset, `a frame of ${unpacked} bytes is too large`);
    try {
      const bytes = zstdDecompressSync(record.subarray(FRAME_HEADER_BYTES, end), { maxOutputLength: unpacked });
      if (bytes.length !== unpacked) throw new RangeError(`it contains ${bytes.length} bytes instead of ${unpacked}`);
      return new Frame(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    } catch (cause) {
      return file.fail(offset, `a frame cannot be unpacked: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
}
