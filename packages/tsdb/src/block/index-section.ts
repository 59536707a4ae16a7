import type { Steps } from "@narthex/runtime";
import { FileScan } from "./file-scan.ts";
import type { PagedFile } from "./page-cache.ts";

/** Content of a section of the file, bytes [start, end). A section has the format `len u32 | content | crc u32`. */
export interface Section {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the section at a file offset and checks its checksum. Later reads check each page of the section again. Throws
 * BlockError.
 */
export function* checkedSection(file: PagedFile, offset: number): Steps<Section> {
  file.view(offset, 4);
  const start = offset + 4;
  const end = start + file.bytes.readUInt32BE(file.at);
  if (end + 4 > file.size) file.fail(offset, `a section of ${end - start} bytes does not fit into the file`);
  file.view(end, 4);
  yield* file.guard(start, end, file.bytes.readUInt32BE(file.at));
  return { start, end };
}

export const scanSection = (file: PagedFile, { start, end }: Section): FileScan =>
  new FileScan((into, position) => file.copyInto(into, position), start, end);

/** Throws BlockError if the checksum stored at `offset` differs from the computed one. */
export function mustEqual(file: PagedFile, offset: number, stored: number, found: number): void {
  if (stored !== found) file.failChecksum(offset, stored, found);
}
