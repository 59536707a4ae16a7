import { fnv1a64, xxhash64 } from "@narthex/bytes";
import type { Labels } from "@narthex/model";

const SEPARATOR = 0xff;
/** Maximum number of UTF-8 bytes for one UTF-16 code unit of a string. */
const MAX_BYTES = 3;

/** Buffer that is reused for the bytes of usual label sets, so that hashing a posted alert allocates nothing. */
const scratch = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * Returns the bytes of a label set that are hashed: each name and value, followed by a separator. The result is valid
 * until the next call.
 */
function labelBytes({ pairs }: Labels): Uint8Array {
  let most = 0;
  for (const text of pairs) most += MAX_BYTES * text.length + 1;
  const bytes = most <= scratch.length ? scratch : Buffer.allocUnsafe(most);
  let at = 0;
  for (const text of pairs) {
    at += bytes.write(text, at);
    bytes[at++] = SEPARATOR;
  }
  return bytes.subarray(0, at);
}

/**
 * Returns the identity of an alert as Alertmanager prints it: 64-bit FNV-1a of names and values in 16 hexadecimal
 * digits.
 */
export const fingerprint = (labels: Labels): string => fnv1a64(labelBytes(labels)).toString(16).padStart(16, "0");

/** Returns the hash by which the notification log identifies an alert. */
export const alertHash = (labels: Labels): string => xxhash64(labelBytes(labels)).toString(16).padStart(16, "0");
