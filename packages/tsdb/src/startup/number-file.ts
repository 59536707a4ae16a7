import { crc32c } from "@narthex/bytes";
import { replaceFile } from "../block/replace-file.ts";
import { exists, type Files } from "../files.ts";

/**
 * Reads a file that contains a number as text and the checksum of the text. The file is "damaged" after a torn write or
 * a flipped bit. Throws the system's error.
 */
export function readNumber(path: string, files: Files): number | "missing" | "damaged" {
  if (!exists(files, path)) return "missing";
  const [text = "", checksum] = new TextDecoder().decode(files.readWhole(path)).trimEnd().split(" ");
  return checksum === checksumOf(text) ? Number(text) : "damaged";
}

/**
 * Writes a number in the format that readNumber() reads, and syncs the file. On failure, throws the system's error and
 * leaves the file unchanged.
 */
export function writeNumber(path: string, number: number, files: Files): void {
  const text = String(number);
  replaceFile(path, new TextEncoder().encode(`${text} ${checksumOf(text)}\n`), files);
}

const checksumOf = (text: string): string => crc32c(new TextEncoder().encode(text)).toString(16);
