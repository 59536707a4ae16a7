import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import type { Files } from "../files.ts";
import { MAX_FRAME_CHUNKS } from "../columnar/frame.ts";
import { BlockError } from "./block-error.ts";
import { MAX_SEGMENT_BYTES, SEGMENT_HEADER_BYTES, chunkSegmentName } from "./chunk-segments.ts";
import { FileSink } from "./file-sink.ts";
import type { ChunkRef } from "./series-entry.ts";

/** Folder, inside a columnar block, with its segments of compressed frames. */
export const COLUMNS_FOLDER = "columns";
export const COLUMNS_MAGIC = 0x4e58c0f1;
export const COLUMNS_VERSION = 1;
/** Compression level of zstd. Higher levels save one percent of the size and take twice the time. */
const LEVEL = 6;
/** Number of bytes before a frame: its compressed and its uncompressed size. A checksum follows the frame. */
export const FRAME_HEADER_BYTES = 8;
export const FRAME_CHECKSUM_BYTES = 4;
/**
 * Largest size of an uncompressed frame, bytes. A larger size in a frame's header means damage, because a frame ends
 * with the chunk that exceeds FRAME_BYTES.
 */
export const MAX_FRAME_BYTES = 1 << 26;

/** Location of a frame (a compressed group of chunks): the segment and the offset in it. */
export interface FramePlace {
  readonly segment: number;
  readonly offset: number;
}

/**
 * Returns the reference of a chunk, which combines the location of its frame with the number of the chunk in the frame.
 */
export const columnRef = ({ segment, offset }: FramePlace, chunk: number): ChunkRef =>
  (segment * MAX_SEGMENT_BYTES + offset) * MAX_FRAME_CHUNKS + chunk;

export const chunkOfRef = (ref: ChunkRef): number => ref % MAX_FRAME_CHUNKS;

export function frameOfRef(ref: ChunkRef): FramePlace {
  const place = Math.floor(ref / MAX_FRAME_CHUNKS);
  const offset = place % MAX_SEGMENT_BYTES;
  return { segment: (place - offset) / MAX_SEGMENT_BYTES, offset };
}

/** Compresses the frames of a columnar block and writes them one after the other into segments. */
export class ColumnSegments {
  readonly #dir: string;
  readonly #files: Files;
  readonly #maxBytes: number;
  #sink: FileSink | undefined;
  #segment = -1;

  constructor(dir: string, files: Files, maxBytes: number = MAX_SEGMENT_BYTES) {
    this.#dir = dir;
    this.#files = files;
    this.#maxBytes = Math.min(maxBytes, MAX_SEGMENT_BYTES);
    files.makeFolder(dir);
  }

  /** Writes a frame and returns its location. Throws BlockError if the frame is larger than readers accept. */
  append(frame: Uint8Array): FramePlace {
    if (frame.length > MAX_FRAME_BYTES) throw new BlockError(this.#dir, 0, `a frame would take ${frame.length} bytes`);
    const packed = zstdCompressSync(frame, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
    const size = FRAME_HEADER_BYTES + packed.length + FRAME_CHECKSUM_BYTES;
    if (this.#sink === undefined || this.#sink.position + size > this.#maxBytes) this.#cut();
    const sink = this.#sink!;
    const place = { segment: this.#segment, offset: sink.position };
    sink.startChecksum();
    sink.u32(packed.length);
    sink.u32(frame.length);
    sink.put(packed);
    sink.writeChecksum();
    return place;
  }

  /** Syncs and closes the last segment and syncs the folder. */
  finish(): void {
    this.#sink?.sync();
    this.close();
    this.#files.syncFolderNow(this.#dir);
  }

  close(): void {
    this.#sink?.close();
    this.#sink = undefined;
  }

  #cut(): void {
    this.#sink?.sync();
    this.close();
    this.#segment++;
    const sink = new FileSink(join(this.#dir, chunkSegmentName(this.#segment)), this.#files);
    this.#sink = sink;
    sink.u32(COLUMNS_MAGIC);
    sink.u8(COLUMNS_VERSION);
    sink.pad(SEGMENT_HEADER_BYTES);
  }
}
