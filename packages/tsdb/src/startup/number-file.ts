import { replaceFile } from "../block/replace-file.ts";
import { decodeCheckedNumber, encodeCheckedNumber } from "../checked-number.ts";
import { exists, type Files } from "../files.ts";

/** Reads a file that contains a number as text and the checksum of the text. Throws the system's error. */
export function readNumber(path: string, files: Files): number | "missing" | "damaged" {
  return exists(files, path) ? decodeCheckedNumber(files.readWhole(path)) : "missing";
}

/** Writes a file that readNumber() reads, and syncs it. Throws the system's error; then the file is unchanged. */
export function writeNumber(path: string, number: number, files: Files): void {
  replaceFile(path, encodeCheckedNumber(number), files);
}
