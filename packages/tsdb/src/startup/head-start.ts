import { join } from "node:path";
import type { Files } from "../files.ts";
import { readNumber, writeNumber } from "./number-file.ts";

/**
 * File of the data folder that tells where the head begins, ms, when no block does: all samples before were deleted, and
 * the log may still have them.
 */
const HEAD_START_FILE = "head-start";

/** -Infinity where no such file is, or none that makes sense. Throws the system's error. */
export function readHeadStart(dir: string, files: Files): number {
  const read = readNumber(join(dir, HEAD_START_FILE), files);
  return typeof read === "number" ? read : -Infinity;
}

/**
 * Brings it to the disk, unless the head begins later already: a cut that left no block may have come behind the last
 * block. Throws the system's error; the file is then as it was.
 */
export function writeHeadStart(dir: string, time: number, files: Files): void {
  if (readHeadStart(dir, files) < time) writeNumber(join(dir, HEAD_START_FILE), time, files);
}
