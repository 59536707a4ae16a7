import { diskFiles, type Files } from "../files.ts";
import { PAGE_BYTES } from "./segment.ts";
import { type Damage, RecordScanner } from "./scanner.ts";

/** Pages read, and records visited, between two turns of the event loop. */
export const PAGES_AT_START = 32;
/** For reading beside appends and queries. */
export const PAGES_IN_SERVICE = 2;

/** What reading one segment came to. */
export interface SegmentReading {
  readonly damages: readonly Damage[];
  /** Records were found behind the first damage: it is not just a torn end. */
  readonly recordsAfterDamage: number;
}

/**
 * Reads a segment's records in order, some pages of file at a time. The record is the visitor's to keep. Throws the system's
 * errors and the visitor's.
 */
export async function readSegment(
  path: string,
  visit: (record: Uint8Array, offset: number) => void,
  pagesPerRead: number = PAGES_AT_START,
  files: Files = diskFiles,
): Promise<SegmentReading> {
  const scanner = new RecordScanner(visit);
  const file = files.open(path, "r");
  try {
    const buffer = new Uint8Array(pagesPerRead * PAGE_BYTES);
    for (let base = 0; ;) {
      let filled = 0;
      while (filled < buffer.length) {
        const bytesRead = await files.readLater(file, buffer.subarray(filled), base + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
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
