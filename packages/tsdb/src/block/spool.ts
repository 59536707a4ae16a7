import { ByteWriter, crc32c } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import type { Files } from "../files.ts";
import { FileScan } from "./file-scan.ts";
import { FileSink } from "./file-sink.ts";
import { mustReadBack, scanOwnFile } from "./own-file.ts";

/**
 * Largest number of bytes that a spool keeps in memory. A spool with more data is stored completely in a temporary
 * file.
 */
const KEPT_BYTES = 16 * 1024 * 1024;

/**
 * Temporary storage for bytes that are written and then read from front to back. The bytes are in memory, or in a file
 * if there are more than KEPT_BYTES.
 */
export class Spool {
  readonly path: string;
  readonly #files: Files;
  readonly #keptBytes: number;
  readonly #kept = new ByteWriter(64 * 1024);
  #sink: FileSink | undefined;

  constructor(path: string, files: Files, keptBytes: number = KEPT_BYTES) {
    this.path = path;
    this.#files = files;
    this.#keptBytes = keptBytes;
  }

  get size(): number {
    return this.#sink?.position ?? this.#kept.length;
  }

  uvarint(value: number): void {
    (this.#sink ?? this.#kept).uvarint(value);
  }

  u8(value: number): void {
    (this.#sink ?? this.#kept).u8(value);
  }

  u32(value: number): void {
    (this.#sink ?? this.#kept).u32(value);
  }

  put(bytes: Uint8Array): void {
    (this.#sink ?? this.#kept).put(bytes);
    if (this.#sink === undefined && this.#kept.length > this.#keptBytes) this.#spill();
  }

  /** Passes all stored bytes to the function `use`. */
  *scan(use: (scan: FileScan) => Steps<void>): Steps<void> {
    if (this.#sink === undefined) {
      const { written } = this.#kept;
      const copy = (into: Uint8Array, from: number): void => into.set(written.subarray(from, from + into.length));
      yield* use(new FileScan(copy, 0, written.length));
      return;
    }
    this.#sink.flush();
    yield* scanOwnFile(this.path, 0, this.#sink.position, this.#files, use);
  }

  /** Appends all stored bytes to `target`. */
  *copyTo(target: FileSink): Steps<void> {
    if (this.#sink === undefined) {
      target.put(this.#kept.written);
      return;
    }
    let checksum = 0;
    yield* this.scan(function* (scan) {
      while (scan.rest > 0) {
        scan.need(1);
        const end = scan.at + scan.ready;
        checksum = crc32c(scan.bytes, scan.at, end, checksum);
        target.put(scan.bytes, scan.at, end);
        scan.at = end;
        yield;
      }
    });
    mustReadBack(checksum === this.#sink.checksum, this.path);
  }

  /** Releases the memory and removes the file. */
  close(): void {
    if (this.#sink === undefined) return;
    this.#sink.close();
    this.#files.remove(this.path);
  }

  #spill(): void {
    const sink = new FileSink(this.path, this.#files);
    this.#sink = sink;
    sink.startChecksum();
    sink.put(this.#kept.written);
  }
}
