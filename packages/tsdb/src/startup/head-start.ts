import { join } from "node:path";
import type { Files } from "../files.ts";
import { readNumber, writeNumber } from "./number-file.ts";

/**
 * File in the data folder that contains the start time of the head, ms. The file exists if no block determines this
 * time, because all earlier samples were deleted and the log may still contain them.
 */
const HEAD_START_FILE = "head-start";

/** Reads the start of the head, ms. Returns -Infinity if the file is missing or invalid. Throws the system's error. */
export function readHeadStart(dir: string, files: Files): number {
  const read = readNumber(join(dir, HEAD_START_FILE), files);
  return typeof read === "number" ? read : -Infinity;
}

/**
 * Writes the start time of the head to its file and syncs the file. Keeps a later time that is already in the file,
 * because samples after the last block may have been removed without creating a block. On failure, throws the system's
 * error and leaves the file unchanged.
 */
export function writeHeadStart(dir: string, time: number, files: Files): void {
  if (readHeadStart(dir, files) < time) writeNumber(join(dir, HEAD_START_FILE), time, files);
}
