import { join } from "node:path";
import type { Files } from "../files.ts";
import { readNumber, writeNumber } from "./number-file.ts";

/**
 * File of the data folder with the start of the head, ms, for when no block determines it: all earlier samples were
 * deleted, and the log may still have them.
 */
const HEAD_START_FILE = "head-start";

/** Returns -Infinity if the file is missing or invalid. Throws the system's error. */
export function readHeadStart(dir: string, files: Files): number {
  const read = readNumber(join(dir, HEAD_START_FILE), files);
  return typeof read === "number" ? read : -Infinity;
}

/**
 * Brings the time to the disk unless the file already has a later one: a cut that gave no block may have been after the
 * last block. Throws the system's error; then the file is unchanged.
 */
export function writeHeadStart(dir: string, time: number, files: Files): void {
  if (readHeadStart(dir, files) < time) writeNumber(join(dir, HEAD_START_FILE), time, files);
}
