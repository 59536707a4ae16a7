import { crc32c } from "@narthex/bytes";
import { invariant, type Steps } from "@narthex/runtime";
import { diskError, type Files, readFully } from "../files.ts";
import { FileScan } from "./file-scan.ts";

const CHECKSUM_BYTES = 4;

/**
 * Throws the disk error EIO if `same` is false, which means that a file that was read back differs from the bytes that
 * were written. The new block is then discarded.
 */
export function mustReadBack(same: boolean, path: string): void {
  if (!same) throw diskError(`the file does not contain what was written to it, ${path}`);
}

/**
 * Passes the bytes [start, end) of a file that this process has just written to the function `use`. `use` must check
 * the bytes, because the disk may have changed them.
 */
export function* scanOwnFile(
  path: string,
  start: number,
  end: number,
  files: Files,
  use: (scan: FileScan) => Steps<void>,
): Steps<void> {
  const file = files.open(path, "r");
  const read = (into: Uint8Array, position: number): void => {
    const came = readFully(files, file, into, position);
    invariant(came === into.length, "a file that was just written has its full length", { path, position });
  };
  try {
    yield* use(new FileScan(read, start, end));
  } finally {
    files.close(file);
  }
}

/**
 * Returns the end of an entry of `length` bytes. A checksum follows the entry. Throws if the file ends before the end
 * of the checksum.
 */
export function checkedEntry(scan: FileScan, length: number, path: string): number {
  mustReadBack(length + CHECKSUM_BYTES <= scan.rest, path);
  scan.need(length + CHECKSUM_BYTES);
  const end = scan.at + length;
  mustReadBack(scan.bytes.readUInt32BE(end) === crc32c(scan.bytes, scan.at, end), path);
  return end;
}
