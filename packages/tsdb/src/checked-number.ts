import { crc32c } from "@narthex/bytes";

/** Returns a number as text with the text's checksum: the contents of a file. */
export function encodeCheckedNumber(number: number): Uint8Array {
  const text = String(number);
  return new TextEncoder().encode(`${text} ${checksumOf(text)}\n`);
}

/** Reads such contents. A torn write or a flipped bit makes them `damaged`. */
export function decodeCheckedNumber(contents: Uint8Array): number | "damaged" {
  const [text = "", checksum] = new TextDecoder().decode(contents).trimEnd().split(" ");
  return checksum === checksumOf(text) ? Number(text) : "damaged";
}

const checksumOf = (text: string): string => crc32c(new TextEncoder().encode(text)).toString(16);
