import { crc32c } from "@narthex/bytes";

/** Encodes a number as the content of a small file: its digits and a checksum of them. */
export function encodeCheckedNumber(number: number): Uint8Array {
  const text = String(number);
  return new TextEncoder().encode(`${text} ${checksumOf(text)}\n`);
}

/**
 * Decodes the content of a file that encodeCheckedNumber() made. Returns "damaged" after a torn write or a flipped bit.
 */
export function decodeCheckedNumber(contents: Uint8Array): number | "damaged" {
  const [text = "", checksum] = new TextDecoder().decode(contents).trimEnd().split(" ");
  return checksum === checksumOf(text) ? Number(text) : "damaged";
}

const checksumOf = (text: string): string => crc32c(new TextEncoder().encode(text)).toString(16);
