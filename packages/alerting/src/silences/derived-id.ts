import { createHash } from "node:crypto";

/** A UUID (version 5) that everybody derives alike from the same two texts. */
export function derivedId(from: string, name: string): string {
  const bytes = createHash("sha1").update(NAMESPACE).update(`${from}\u0000${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A random UUID that stands for "derived by Narthex". */
const NAMESPACE = Buffer.from("6d9c5b0c1c1f4b6f9d0c3f3c8c0f7a52", "hex");
