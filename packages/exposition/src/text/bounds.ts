import { ByteMap } from "@narthex/bytes";
import { formatOpenMetricsFloat, parseGoFloat } from "@narthex/model";
import { textOf } from "../byte-text.ts";

/**
 * Bounds in OpenMetrics' spelling, by the spelling in the exposition. The histograms of a page usually have the same
 * bounds.
 */
const bounds = new Map<string, string>();
const MAX_BOUNDS = 1024;
const MAX_BOUND_LENGTH = 32;

/** Numbers of bounds by the bytes of their spelling, and the bytes of OpenMetrics' spelling by these numbers. */
let boundKeys = new ByteMap();
const boundBytes: Uint8Array[] = [];
const encoder = new TextEncoder();

/**
 * Returns a bound in OpenMetrics' spelling like normalizedBound(), for bytes without escapes. Bounds are frequent,
 * because most series of a page are buckets of histograms.
 */
export function normalizedBoundBytes(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const isShort = to - from <= MAX_BOUND_LENGTH;
  const known = isShort ? boundKeys.find(bytes, from, to) : -1;
  if (known >= 0) return boundBytes[known]!;
  const normalized = encoder.encode(spelled(textOf(bytes, from, to)));
  if (!isShort) return normalized;
  if (boundKeys.size === MAX_BOUNDS) {
    boundKeys = new ByteMap();
    boundBytes.length = 0;
  }
  boundBytes[boundKeys.add(bytes, from, to)] = normalized;
  return normalized;
}

/** Returns a bound in OpenMetrics' spelling of the number. A text that is not a number stays unchanged. */
export function normalizedBound(text: string): string {
  const known = bounds.get(text);
  if (known !== undefined) return known;
  const normalized = spelled(text);
  if (text.length > MAX_BOUND_LENGTH) return normalized;
  if (bounds.size === MAX_BOUNDS) bounds.clear();
  bounds.set(text, normalized);
  return normalized;
}

function spelled(text: string): string {
  const number = parseGoFloat(text);
  return number === undefined ? text : formatOpenMetricsFloat(number);
}
