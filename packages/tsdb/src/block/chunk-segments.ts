import { join } from "node:path";
import { crc32c, uvarintSize } from "@narthex/bytes";
import type { Files } from "../files.ts";
import type { EncodedChunk } from "./block-source.ts";
import { FileSink } from "./file-sink.ts";
import type { ChunkRef } from "./series-entry.ts";

/** Folder of a block's chunk segments. */
export const CHUNKS_FOLDER = "chunks";
export const CHUNK_MAGIC = 0x85bd40dd;
export const CHUNK_VERSION = 1;
export const SEGMENT_HEADER_BYTES = 8;
export const MAX_SEGMENT_BYTES = 512 * 1024 * 1024;

/** Returns the file name of a block's chunk segment; index 0 is 000001. */
export const chunkSegmentName = (index: number): string => String(index + 1).padStart(6, "0");

/** Writes the chunks of a new block into segment files, one chunk after the other. */
export class ChunkSegments {
  readonly #dir: string;
  readonly #files: Files;
  readonly #maxBytes: number;
  readonly #uncachedChunks: boolean;
  #sink: FileSink | undefined;
  #segment = -1;
  readonly #encoding = new Uint8Array(1);

  /** @param uncachedChunks whether the chunks are written directly, bypassing the system's page cache */
  constructor(dir: string, files: Files, maxBytes: number = MAX_SEGMENT_BYTES, uncachedChunks = false) {
    this.#dir = dir;
    this.#files = files;
    // A segment has at most 2^32 bytes, because a reference has 32 bits for the position in the segment.
    this.#maxBytes = Math.min(maxBytes, 2 ** 32);
    this.#uncachedChunks = uncachedChunks;
    files.makeFolder(dir);
  }

  /** Writes a chunk and returns its reference. */
  append({ bytes, start, end, encoding }: EncodedChunk): ChunkRef {
    const size = uvarintSize(end - start) + 1 + (end - start) + 4;
    if (this.#sink === undefined || this.#sink.position + size > this.#maxBytes) this.#cut();
    const sink = this.#sink!;
    const ref = this.#segment * 2 ** 32 + sink.position;
    sink.uvarint(end - start);
    sink.u8(encoding);
    sink.put(bytes, start, end);
    this.#encoding[0] = encoding;
    sink.u32(crc32c(bytes, start, end, crc32c(this.#encoding)));
    return ref;
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
    const sink = new FileSink(join(this.#dir, chunkSegmentName(this.#segment)), this.#files, this.#uncachedChunks);
    this.#sink = sink;
    sink.u32(CHUNK_MAGIC);
    sink.u8(CHUNK_VERSION);
    sink.pad(SEGMENT_HEADER_BYTES);
  }
}
