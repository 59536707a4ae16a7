import { join } from "node:path";
import { crc32c } from "@narthex/bytes";
import { replaceFile } from "../block/replace-file.ts";
import { exists, type Files } from "../files.ts";

/**
 * File of the data folder that tells where the head begins, ms, when no block does: all samples before were deleted, and
 * the log may still have them. The time as text, and its checksum.
 */
const HEAD_START_FILE = "head-start";

/** -Infinity where no such file is, or none that makes sense. Throws the system's error. */
export function readHeadStart(dir: string, files: Files): number {
  const path = join(dir, HEAD_START_FILE);
  if (!exists(files, path)) return -Infinity;
  const [time = "", checksum] = new TextDecoder().decode(files.readWhole(path)).trimEnd().split(" ");
  return checksum === checksumOf(time) ? Number(time) : -Infinity;
}

/**
 * Brings it to the disk, unless the head begins later already: a cut that left no block may have come behind the last
 * block. Throws the system's error; the file is then as it was.
 */
export function writeHeadStart(dir: string, time: number, files: Files): void {
  if (readHeadStart(dir, files) >= time) return;
  const text = String(time);
  replaceFile(join(dir, HEAD_START_FILE), new TextEncoder().encode(`${text} ${checksumOf(text)}\n`), files);
}

const checksumOf = (text: string): string => crc32c(new TextEncoder().encode(text)).toString(16);
