import { ByteMap } from "@narthex/bytes";
import { formatOpenMetricsFloat, parseGoFloat } from "@narthex/model";
import { textOf } from "../byte-text.ts";

/**
 * Cache from the text of a bucket bound in the exposition to the bound in the number format of OpenMetrics. The cache
 * helps because histograms of a page usually share their bounds.
 */
const bounds = new Map<string, string>();
const MAX_BOUNDS = 1024;
const MAX_BOUND_LENGTH = 32;

/**
 * A cache of bucket bounds. `boundKeys` gives each bound a number by the bytes of its text in the exposition.
 * `boundBytes` contains, by this number, the bound in the number format of OpenMetrics.
 */
let boundKeys = new ByteMap();
const boundBytes: Uint8Array[] = [];
const encoder = new TextEncoder();

/**
 * Returns a bucket bound in the number format of OpenMetrics, for bytes without escapes. Unlike normalizedBound(),
 * creates no string, because most series of a page are buckets.
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

/** Returns a bucket bound in the number format of OpenMetrics. A text that is not a number stays unchanged. */
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
