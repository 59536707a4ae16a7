import { diskFiles, type Files, readFully, readFullyLater } from "../files.ts";
import { PAGE_BYTES } from "./segment.ts";
import { type Damage, RecordScanner } from "./scanner.ts";

/** Number of pages that a start reads between two turns of the event loop. */
export const PAGES_AT_START = 32;
/** Number of pages that are read between two turns of the event loop while appends and queries run. */
export const PAGES_IN_SERVICE = 2;

export interface SegmentReading {
  readonly damages: readonly Damage[];
  /** Number of records after the first damage. If it is above 0, the damage is not only a torn end. */
  readonly recordsAfterDamage: number;
}

/**
 * Reads a segment's records in order. Reads some pages per turn of the event loop. A record is valid until the visitor
 * returns. Reading begins at `from`, which must be the end of a page. Throws the system's errors and the visitor's
 * errors.
 */
export async function readSegment(
  path: string,
  visit: (record: Uint8Array, offset: number) => void,
  pagesPerRead: number = PAGES_AT_START,
  files: Files = diskFiles,
  from = 0,
): Promise<SegmentReading> {
  const file = files.open(path, "r");
  const scanner = new RecordScanner(visit, (page, base) => readPageAgain(files, file, page, base));
  try {
    const rest = Math.max(0, files.stat(path).size - from);
    const buffer = new Uint8Array(Math.min(pagesPerRead, Math.floor(rest / PAGE_BYTES) + 1) * PAGE_BYTES);
    for (let base = from; ;) {
      const filled = await readFullyLater(files, file, buffer, base);
      for (let at = 0; at < filled; at += PAGE_BYTES) {
        scanner.page(buffer.subarray(at, Math.min(at + PAGE_BYTES, filled)), base + at);
      }
      base += filled;
      if (filled < buffer.length) break;
    }
  } finally {
    files.close(file);
  }
  scanner.end();
  return scanner;
}

/** Reads a page from the file a second time. Returns whether its bytes differ from the previous read. */
export function readPageAgain(files: Files, file: number, page: Uint8Array, base: number): boolean {
  const before = page.slice();
  readFully(files, file, page, base);
  return before.some((byte, i) => byte !== page[i]);
}
