import type { Labels } from "@narthex/model";
import { xxhash64 } from "./xxhash64.ts";

const encoder = new TextEncoder();

/**
 * Encodes the names and values of labels for a hash. The length precedes each text: one byte, or 0xff and three bytes
 * for lengths of 255 or more.
 */
function encode(labels: Labels): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const text of labels.pairs) {
    const bytes = encoder.encode(text);
    const { length } = bytes;
    parts.push(
      Uint8Array.from(length < 255 ? [length] : [255, length & 255, (length >> 8) & 255, (length >> 16) & 255]),
      bytes,
    );
  }
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Returns a number from 0 to 1 for a series: Prometheus' hash of the labels divided by the largest hash. limit_ratio()
 * selects series by this number.
 */
export const sampleOffset = (labels: Labels): number => Number(xxhash64(encode(labels))) / 2 ** 64;
