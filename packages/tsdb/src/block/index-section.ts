import { crc32c } from "@narthex/bytes";
import { FileScan } from "./file-scan.ts";
import type { PagedFile } from "./page-cache.ts";

/** Content of a section `len u32 | content | crc u32`: bytes [start, end) of the file. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

/** Work in pieces of about a millisecond: the caller decides whether others get their turn in between. */
export type Steps<T> = Generator<undefined, T>;

/** Finds a section and checks its checksum. Throws BlockError. */
export function* checkedSection(file: PagedFile, offset: number): Steps<Section> {
  file.view(offset, 4);
  const start = offset + 4;
  const end = start + file.bytes.readUInt32BE(file.at);
  if (end + 4 > file.size) file.fail(offset, `a section of ${end - start} bytes does not fit into the file`);
  let checksum = 0;
  const scan = scanSection(file, { start, end });
  while (scan.rest > 0) {
    scan.need(1);
    checksum = crc32c(scan.bytes, scan.at, scan.at + scan.ready, checksum);
    scan.at += scan.ready;
    yield;
  }
  file.view(end, 4);
  mustEqual(file, end, file.bytes.readUInt32BE(file.at), checksum);
  return { start, end };
}

export const scanSection = (file: PagedFile, { start, end }: Section): FileScan =>
  new FileScan((into, position) => file.readInto(into, position), start, end);

/** Compares the checksum at `offset` with that of what is there. */
export function mustEqual(file: PagedFile, offset: number, stored: number, found: number): void {
  if (stored !== found) file.fail(offset, `checksum ${stored.toString(16)}, but the content has ${found.toString(16)}`);
}
