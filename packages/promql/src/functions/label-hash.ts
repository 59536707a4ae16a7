import type { Labels } from "@narthex/model";
import { xxhash64 } from "./xxhash64.ts";

const encoder = new TextEncoder();

/**
 * Encodes names and values in order. Each text is preceded by its length: one byte, or from 255 on 0xff and three
 * bytes.
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
 * Returns the position of a series between 0 and 1 for limit_ratio: Prometheus' hash of its labels, divided by the
 * largest hash.
 */
export const sampleOffset = (labels: Labels): number => Number(xxhash64(encode(labels))) / 2 ** 64;
