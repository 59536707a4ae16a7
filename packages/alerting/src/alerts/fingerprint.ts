import { fnv1a64, xxhash64 } from "@narthex/bytes";
import type { Labels } from "@narthex/model";

const SEPARATOR = Buffer.from([0xff]);

function labelBytes(labels: Labels): Uint8Array {
  return Buffer.concat(labels.pairs.flatMap((text) => [Buffer.from(text), SEPARATOR]));
}

/** Identity of an alert as Alertmanager prints it: 64-bit FNV-1a over names and values, 16 hexadecimal digits. */
export const fingerprint = (labels: Labels): string => fnv1a64(labelBytes(labels)).toString(16).padStart(16, "0");

/** The hash the notification log keeps of an alert. */
export const alertHash = (labels: Labels): string => xxhash64(labelBytes(labels)).toString(16).padStart(16, "0");
