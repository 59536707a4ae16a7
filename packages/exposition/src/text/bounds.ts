import { ByteMap } from "@narthex/bytes";
import { formatOpenMetricsFloat, parseGoFloat } from "@narthex/model";
import { textOf } from "../byte-text.ts";

/** Bounds as they are spelled, and in OpenMetrics' spelling: the histograms of a page mostly have the same ones. */
const bounds = new Map<string, string>();
const MAX_BOUNDS = 1024;
const MAX_BOUND_LENGTH = 32;

/** Bounds by the bytes that spell them, and the bytes of OpenMetrics' spelling by their numbers. */
let boundKeys = new ByteMap();
const boundBytes: Uint8Array[] = [];
const encoder = new TextEncoder();

/** As normalizedBound(), of bytes that hold no escapes: histograms have more buckets than anything else has series. */
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

/** A bound in OpenMetrics' spelling of the number; what is no number stays. */
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
